"""A second library says the same, over thousands of random expressions.

cronsim follows Debian's cron. Where the two differ by intent the generator keeps away:

- ``H``, ``?``, ``22-2`` and ``FRI-MON`` are unknown to cronsim; its ``L`` and ``#`` to us.
- ``5/1`` in the day of week runs up to 7 there, so that it holds Sunday; here up to 6.
- ``5-5/2`` is ``5/2`` there, and 5 here.
- A list is a star there if it begins with one, here if any item is one.
- It searches for 50 years and we for five.
- Its clock changes are Debian's, without a choice: see the second test.
"""

import random
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim, CronSimError

from crontask_core.enums import DstGap, DstOverlap
from crontask_core.errors import NeverFiresError
from crontask_core.schedule import HORIZON, compile_schedule, preview
from tests.unit.schedule.changes import CHANGES, Change
from tests.unit.schedule.oracle import utc

BOUNDS = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6)]
NAMES = {
    4: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    5: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
}


def _item(rng: random.Random, index: int) -> str:
    low, high = BOUNDS[index]
    first = rng.randint(low, high)
    last, step = rng.randint(first, high), rng.randint(1, high - low + 1)
    forms = [f"{first}", f"{first}-{last}"]
    if first < last:
        forms.append(f"{first}-{last}/{step}")
    if index in NAMES:
        names = NAMES[index]
        forms.append(f"{names[first - low]}-{names[last - low]}")
    if index != 5:
        forms.append(f"{first}/{step}")
    return rng.choice(forms)


def _field(rng: random.Random, index: int) -> str:
    low, high = BOUNDS[index]
    if rng.random() < 0.4:
        return rng.choice(["*", f"*/{rng.randint(1, high - low + 1)}"])
    return ",".join(_item(rng, index) for _ in range(rng.choice([1, 1, 1, 2, 3])))


def _expression(rng: random.Random, fields: int) -> str:
    return " ".join(_field(rng, index) for index in range(6 - fields, 6))


@pytest.mark.parametrize("seed", range(10))
def test_three_thousand_expressions_agree_in_utc(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable examples, no secret
    for _ in range(300):
        expression = _expression(rng, rng.choice([5, 6]))
        after = utc("1995-01-01") + timedelta(seconds=rng.randrange(100 * 365 * 86400))
        limit = after + HORIZON
        try:
            expected = next(CronSim(expression, after), None)
        except CronSimError:
            with pytest.raises(NeverFiresError):
                compile_schedule(expression)
            continue
        if expected is not None and expected > limit:
            expected = None

        assert compile_schedule(expression).next(after) == expected, expression


SMALL_CHANGES = {name: change for name, change in CHANGES.items() if abs(change.hours) <= 3}


@pytest.mark.parametrize("change", SMALL_CHANGES.values(), ids=SMALL_CHANGES)
def test_debians_rules_are_run_after_and_first(change: Change) -> None:
    """Debian: tasks of set hours fire once, right after a gap and in the first pass.

    It tells a task of set hours by its text (neither minute nor hour begins with ``*``),
    and fires once for each match that a gap left out, where we fire once in all.
    """
    rng = random.Random(change.zone)  # noqa: S311 - repeatable examples, no secret
    after, end = change.at - timedelta(hours=5), change.at + timedelta(days=1)
    for _ in range(40):
        hour, first = rng.randrange(24), rng.randrange(18)
        hours = f"{hour},{first}-{first + rng.randrange(6)}"
        expression = f"{rng.randrange(60)},{rng.randrange(60)} {hours} * * *"
        simulated = CronSim(expression, after.astimezone(ZoneInfo(change.zone)))
        expected = sorted({moment.astimezone(UTC) for moment in islice(simulated, 40)})

        found = preview(
            expression,
            count=40,
            after=after,
            time_zone=change.zone,
            gap=DstGap.RUN_AFTER,
            overlap=DstOverlap.FIRST,
        )

        found_in_utc = [moment.astimezone(UTC) for moment in found]
        assert _before(end, found_in_utc) == _before(end, expected), expression


def _before(end: datetime, moments: list[datetime]) -> list[datetime]:
    return [moment for moment in moments if moment < end]
