"""``H``: values which spread tasks over time and stay the same for each of them."""

import pytest

from crontask_core.schedule.cron_parser import parse_cron
from crontask_core.schedule.field_parser import FieldParser
from crontask_core.schedule.fields import (
    DAY_OF_MONTH,
    DAY_OF_WEEK,
    HOUR,
    MINUTE,
    MONTH,
    SECOND,
    Field,
)

UIDS = [f"6f1c0f6e-0000-4000-8000-{number:012}" for number in range(2000)]


def _values(field: Field, text: str, uid: str) -> tuple[int, ...]:
    return FieldParser(field, 1, uid).parse(text).values


@pytest.mark.parametrize(
    ("field", "text", "choices"),
    [
        pytest.param(MINUTE, "H", range(60), id="any minute"),
        pytest.param(MINUTE, "h(10-19)", range(10, 20), id="within a range"),
        pytest.param(HOUR, "H(22-3)", [22, 23, 0, 1, 2, 3], id="over the field's end"),
        pytest.param(SECOND, "H", range(60), id="any second"),
        pytest.param(DAY_OF_MONTH, "H", range(1, 29), id="a day that every month has"),
        pytest.param(DAY_OF_MONTH, "H(1-31)", range(1, 32), id="any day, if asked for"),
        pytest.param(MONTH, "H", range(1, 13), id="any month"),
        pytest.param(DAY_OF_WEEK, "H", range(7), id="any weekday"),
        pytest.param(DAY_OF_WEEK, "H(MON-FRI)", range(1, 6), id="any working day"),
    ],
)
def test_it_is_one_value_and_each_is_chosen_about_as_often(
    field: Field, text: str, choices: list[int]
) -> None:
    drawn = [_values(field, text, uid) for uid in UIDS]

    assert {len(values) for values in drawn} == {1}
    counts = {value: drawn.count((value,)) for value in choices}
    assert sum(counts.values()) == len(UIDS)
    fair = len(UIDS) / len(counts)
    assert all(fair / 2 < count < fair * 2 for count in counts.values())


@pytest.mark.parametrize(
    ("text", "period", "low", "high"),
    [
        pytest.param("H/15", 15, 0, 59, id="every quarter of an hour"),
        pytest.param("H(0-29)/10", 10, 0, 29, id="in the first half"),
        pytest.param("H(50-59)/30", 30, 50, 59, id="a step longer than the range"),
    ],
)
def test_with_a_step_the_offset_is_hashed(text: str, period: int, low: int, high: int) -> None:
    offsets = set()
    for uid in UIDS:
        values = _values(MINUTE, text, uid)
        offsets.add(values[0])
        assert values == tuple(range(values[0], high + 1, period))

    assert offsets == set(range(low, min(low + period, high + 1)))


def test_it_is_the_same_for_ever() -> None:
    # A change of these values would move the tasks of everyone who upgrades.
    fields = parse_cron("H H H H H H", seed="9f0c4d0e-2f7b-4a53-9d0e-0c1f6a2f7b11")

    assert fields.normalised == "24 34 8 3 10 0"


def test_fields_of_one_task_differ() -> None:
    alike = sum(_values(MINUTE, "H", uid) == _values(SECOND, "H", uid) for uid in UIDS)

    assert alike < len(UIDS) / 30


def test_it_can_be_an_item_of_a_list() -> None:
    values = _values(MINUTE, "H(0-9),30", UIDS[0])

    assert len(values) == 2
    assert values[1] == 30


def test_a_hashed_day_is_a_restriction_to_the_day_rule() -> None:
    assert not parse_cron("0 0 H * MON", seed="x").both_days
    assert parse_cron("0 0 H * *", seed="x").both_days
