"""Each kind of mistake has a message: where, what was found, what is allowed."""

import pytest

from crontask_core.errors import NeverFiresError, ScheduleError
from crontask_core.schedule import compile_schedule

MINUTE, HOUR = "field 1 (minute): ", "field 2 (hour): "
DAY, MONTH = "field 3 (day of month): ", "field 4 (month): "
WEEKDAY = "field 5 (day of week): "
QUARTZ = " (the L, W and # of Quartz are not supported)"
YEAR = " (a schedule has no year; at is for a moment)"
STEP = "expected a step of 1-60 (@every takes longer ones)"
COUNT = "expected 5 (minute, hour, day of month, month, day of week) or 6 (second first)"
DURATION = (
    "expected whole seconds as a Go duration from 1s to 43848h (five years), such as 90s or 1h30m"
)
DESCRIPTOR = (
    "expected one of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually "
    "or @every with a duration such as 1h30m"
)

MISTAKES = {
    "": "found '', expected a cron expression",
    " ": "found ' ', expected a cron expression",
    "0": f"found 1 field, {COUNT}",
    "* * * *": f"found 4 fields, {COUNT}",
    "0 0 12 * * ? 2026": f"found 7 fields, {COUNT}{YEAR}",
    "0 0 12 * * * *": f"found 7 fields, {COUNT}{YEAR}",
    "* * * * * * * *": f"found 8 fields, {COUNT}",
    "* * * * * 2018": f"field 6 (day of week): found '2018', expected 0-7 or SUN-SAT{YEAR}",
    "0 12 1 1 2030-2035": f"{WEEKDAY}found '2030' in '2030-2035', expected 0-7 or SUN-SAT{YEAR}",
    "60 * * * *": f"{MINUTE}found '60', expected 0-59",
    "* 24 * * *": f"{HOUR}found '24', expected 0-23",
    "* * 0 * *": f"{DAY}found '0', expected 1-31",
    "* * 32 * *": f"{DAY}found '32', expected 1-31",
    "* * * 0 *": f"{MONTH}found '0', expected 1-12 or JAN-DEC",
    "* * * 13 *": f"{MONTH}found '13', expected 1-12 or JAN-DEC",
    "* * * * 8": f"{WEEKDAY}found '8', expected 0-7 or SUN-SAT",
    "* * * JUNE *": f"{MONTH}found 'JUNE', expected 1-12 or JAN-DEC",
    "* * * * MONDAY": f"{WEEKDAY}found 'MONDAY', expected 0-7 or SUN-SAT",
    "* MON * * *": f"{HOUR}found 'MON', expected 0-23",
    "60 * * * * *": "field 1 (second): found '60', expected 0-59",
    "0 60 * * * *": "field 2 (minute): found '60', expected 0-59",
    "1,2,99 * * * *": f"{MINUTE}found '99', expected 0-59",
    "* 5-24 * * *": f"{HOUR}found '24' in '5-24', expected 0-23",
    "* * * JAN-X *": f"{MONTH}found 'X' in 'JAN-X', expected 1-12 or JAN-DEC",
    "+5 * * * *": f"{MINUTE}found '+5', expected 0-59",
    "5.5 * * * *": f"{MINUTE}found '5.5', expected 0-59",
    "٣ * * * *": f"{MINUTE}found '٣', expected 0-59",
    "** * * * *": f"{MINUTE}found '**', expected 0-59",
    "*-5 * * * *": f"{MINUTE}found '*' in '*-5', expected 0-59",
    "1,,2 * * * *": f"{MINUTE}found '' in '1,,2', expected a value beside each comma",
    "1, * * * *": f"{MINUTE}found '' in '1,', expected a value beside each comma",
    "-5 * * * *": f"{MINUTE}found '-5', expected a range first-last of 0-59",
    "5- * * * *": f"{MINUTE}found '5-', expected a range first-last of 0-59",
    "1-2-3 * * * *": f"{MINUTE}found '1-2-3', expected a range first-last of 0-59",
    "*/0 * * * *": f"{MINUTE}found '0' in '*/0', {STEP}",
    "*/90 * * * *": f"{MINUTE}found '90' in '*/90', {STEP}",
    "*/x * * * *": f"{MINUTE}found 'x' in '*/x', {STEP}",
    "*/-5 * * * *": f"{MINUTE}found '-5' in '*/-5', {STEP}",
    "5/ * * * *": f"{MINUTE}found '' in '5/', {STEP}",
    "1/2/3 * * * *": f"{MINUTE}found '2/3' in '1/2/3', {STEP}",
    "/5 * * * *": f"{MINUTE}found '' in '/5', expected 0-59",
    "? * * * *": f"{MINUTE}found '?', expected 0-59, or * (only the day fields take ?)",
    "* * ?/2 * *": f"{DAY}found '?' in '?/2', expected 1-31 (? stands alone)",
    "* * ?,2 * *": f"{DAY}found '?', expected 1-31 (? stands alone)",
    "* * L * *": f"{DAY}found 'L', expected 1-31{QUARTZ}",
    "* * LW * *": f"{DAY}found 'LW', expected 1-31{QUARTZ}",
    "* * 15W * *": f"{DAY}found '15W', expected 1-31{QUARTZ}",
    "* * L-3 * *": f"{DAY}found 'L' in 'L-3', expected 1-31{QUARTZ}",
    "* * * * 5L": f"{WEEKDAY}found '5L', expected 0-7 or SUN-SAT{QUARTZ}",
    "* * * * friL": f"{WEEKDAY}found 'friL', expected 0-7 or SUN-SAT{QUARTZ}",
    "* * * * MON#2": f"{WEEKDAY}found 'MON#2', expected 0-7 or SUN-SAT{QUARTZ}",
    "* * L-1W * *": f"{DAY}found 'L' in 'L-1W', expected 1-31{QUARTZ}",
    "* * L/2 * *": f"{DAY}found 'L' in 'L/2', expected 1-31{QUARTZ}",
    "* * 1-l/8 * *": f"{DAY}found 'l' in '1-l/8', expected 1-31{QUARTZ}",
    "* * 1,LW * *": f"{DAY}found 'LW', expected 1-31{QUARTZ}",
    "* * * * MON-FRI#1": f"{WEEKDAY}found 'FRI#1' in 'MON-FRI#1', expected 0-7 or SUN-SAT{QUARTZ}",
    "* * * * 5#3-6": f"{WEEKDAY}found '5#3' in '5#3-6', expected 0-7 or SUN-SAT{QUARTZ}",
    "* * * * WEDNESDAY": f"{WEEKDAY}found 'WEDNESDAY', expected 0-7 or SUN-SAT",
    "HH * * * *": f"{MINUTE}found 'HH', expected 0-59, H or H(first-last)",
    "H(5) * * * *": f"{MINUTE}found '5' in 'H(5)', expected a range first-last of 0-59, "
    "H or H(first-last)",
    "H(1-99) * * * *": f"{MINUTE}found '99' in 'H(1-99)', expected 0-59, H or H(first-last)",
    "h/0 * * * *": f"{MINUTE}found '0' in 'h/0', {STEP}, H or H(first-last)",
    "@reboot": f"found '@reboot', {DESCRIPTOR}",
    "@daily 5": f"found '@daily 5', {DESCRIPTOR}",
    "@every": f"@every: found '', {DURATION}",
    "@every 90": f"@every: found '90', {DURATION}",
    "@every 1d": f"@every: found '1d', {DURATION}",
    "@every 1h 30m": f"@every: found '1h 30m', {DURATION}",
    "@every -5m": f"@every: found '-5m', {DURATION}",
    "@every 0s": f"@every: found '0s', {DURATION}",
    "@every 500ms": f"@every: found '500ms', {DURATION}",
    "@every 1.5s": f"@every: found '1.5s', {DURATION}",
    "@every 43849h": f"@every: found '43849h', {DURATION}",
    "TZ=UTC * * * * *": "found 'TZ=UTC', expected the time zone in spec.timeZone",
    "CRON_TZ=Asia/Tokyo @daily": "found 'CRON_TZ=Asia/Tokyo', expected the time zone in "
    "spec.timeZone",
    "0," * 500 + "0 * * * *": "found 1009 characters, expected at most 1000",
}


@pytest.mark.parametrize(("expression", "message"), MISTAKES.items(), ids=lambda text: text[:40])
def test_a_mistake_is_told(expression: str, message: str) -> None:
    with pytest.raises(ScheduleError) as error:
        compile_schedule(expression)

    assert (error.value.field, error.value.message) == ("spec.schedule", message)
    assert not isinstance(error.value, NeverFiresError)


IMPOSSIBLE = {
    "0 0 30 2 *": "no month in '2' has a day in '30'",
    "0 0 30,31 FEB ?": "no month in 'FEB' has a day in '30,31'",
    "0 0 0 31 4,6,9,11 *": "no month in '4,6,9,11' has a day in '31'",
    "0 0 31 SEP */2": "no month in 'SEP' has a day in '31'",
}


@pytest.mark.parametrize(("expression", "reason"), IMPOSSIBLE.items(), ids=IMPOSSIBLE)
def test_an_expression_that_never_fires_is_told_at_once(expression: str, reason: str) -> None:
    with pytest.raises(NeverFiresError) as error:
        compile_schedule(expression)

    assert error.value.field == "spec.schedule"
    assert error.value.message == f"{expression!r} never fires: {reason}"
