"""Random cron expressions together with what they must match."""

from collections.abc import Mapping

from hypothesis import strategies as st

from tests.unit.schedule.oracle import Pattern

Item = tuple[str, frozenset[int], bool]
"""Text, values, and whether the item counts as a star to the day rule."""

MONTHS = {1: "jan", 2: "Feb", 3: "MAR", 4: "apr", 5: "May", 6: "JUN", 7: "jul"} | {
    8: "Aug",
    9: "SEP",
    10: "oct",
    11: "Nov",
    12: "DEC",
}
WEEKDAYS = {0: "sun", 1: "Mon", 2: "TUE", 3: "wed", 4: "Thu", 5: "FRI", 6: "sat"}


def _cycle(first: int, last: int, low: int, high: int) -> list[int]:
    values = [first]
    while values[-1] != last:
        values.append(low if values[-1] == high else values[-1] + 1)
    return values


@st.composite
def items(draw: st.DrawFn, low: int, high: int, names: Mapping[int, str]) -> Item:
    def spelled(value: int) -> str:
        spellings = [str(value), f"{value:02}"]
        if value in names:
            spellings.append(names[value])
        if names is WEEKDAYS and value == 0:
            spellings.append("7")
        return draw(st.sampled_from(spellings))

    values = st.integers(low, high)
    first, last, step = draw(values), draw(values), draw(st.integers(1, high - low + 1))
    kind = draw(st.sampled_from(["*", "*/n", "a", "a-b", "a-b/n", "a/n"]))
    if kind == "*":
        return "*", frozenset(range(low, high + 1)), True
    if kind == "*/n":
        return f"*/{step}", frozenset(range(low, high + 1, step)), True
    if kind == "a":
        return spelled(first), frozenset({first}), False
    if kind == "a/n":
        return f"{spelled(first)}/{step}", frozenset(range(first, high + 1, step)), False
    if names is WEEKDAYS and first == 0:
        first = 1  # "0-7" and "7-0" are told by tables
    text, span = f"{spelled(first)}-{spelled(last)}", _cycle(first, last, low, high)
    if kind == "a-b":
        return text, frozenset(span), False
    return f"{text}/{step}", frozenset(span[::step]), False


@st.composite
def fields(draw: st.DrawFn, low: int, high: int, names: Mapping[int, str] | None = None) -> Item:
    parts = draw(st.lists(items(low, high, names or {}), min_size=1, max_size=3))
    return (
        ",".join(text for text, _, _ in parts),
        frozenset().union(*(values for _, values, _ in parts)),
        any(star for _, _, star in parts),
    )


def _day_fields(
    low: int, high: int, names: Mapping[int, str] | None = None
) -> st.SearchStrategy[Item]:
    question_mark: Item = ("?", frozenset(range(low, high + 1)), True)
    # Stars are frequent in life, and without them nearly every date would match.
    return st.one_of(
        st.just(("*", question_mark[1], True)), st.just(question_mark), fields(low, high, names)
    )


@st.composite
def patterns(draw: st.DrawFn, *, seconds: bool) -> Pattern:
    """Expressions of five fields, or of six if `seconds`."""
    second: Item = draw(fields(0, 59)) if seconds else ("", frozenset({0}), False)
    minute, hour = draw(fields(0, 59)), draw(fields(0, 23))
    day_of_month = draw(_day_fields(1, 31))
    month, day_of_week = draw(fields(1, 12, MONTHS)), draw(_day_fields(0, 6, WEEKDAYS))
    parts = (second, minute, hour, day_of_month, month, day_of_week)
    return Pattern(
        text=" ".join(text for text, _, _ in parts).strip(),
        second=second[1],
        minute=minute[1],
        hour=hour[1],
        day_of_month=day_of_month[1],
        month=month[1],
        day_of_week=day_of_week[1],
        both_days=day_of_month[2] or day_of_week[2],
    )
