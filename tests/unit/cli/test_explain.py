"""``crontask explain``: expressions in words, and the traps in them."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from crontask_cli.commands import explain
from crontask_cli.program import app
from crontask_cli.schedule_traps import traps
from crontask_cli.schedule_words import in_words
from crontask_core.enums import DstGap, DstOverlap
from crontask_core.errors import NeverFiresError
from tests.unit.schedule.oracle import Pattern
from tests.unit.schedule.patterns import patterns

NOW = datetime.fromisoformat("2026-03-01T00:00:00+00:00")

WORDS = {
    "30 9 * * MON-FRI": "at 09:30 on Monday to Friday",
    "0 0 * * *": "at 00:00 every day",
    "15 8,20 * * *": "at 08:15 and 20:15 every day",
    "0 0 13 * FRI": "at 00:00 on day 13 of the month, and besides on Friday",
    "0 0 */10 * SAT,SUN": (
        "at 00:00 on days 1, 11, 21 and 31 of the month if that is Saturday or Sunday"
    ),
    "*/15 9-17 * * *": "every 15 minutes of the hours 9 to 17",
    "5/15 * * * *": "every 15 minutes, from minute 5 on,",
    "* * * * *": "every minute",
    "* * * * * *": "every second",
    "*/10 30 * * * *": "every 10 seconds in minute 30 of every hour",
    "0 * * * *": "at minute 0 of every hour",
    "7,11,40 * * * *": "at minutes 7, 11 and 40 of every hour",
    "0 */6 * * *": "at 00:00, 06:00, 12:00 and 18:00 every day",
    "0 */2 * * *": "at minute 0 of every second hour",
    "0 0 1 JAN,JUL ?": "at 00:00 on day 1 of the month in January and July",
    "0 0 0 1 1-3 *": "at 00:00 on day 1 of the month in January to March",
    "15 30 4 * * 0": "at 04:30:15 on Sunday",
    "0 0 * * SAT-MON": "at 00:00 on Monday, Saturday and Sunday",
    "@hourly": "at minute 0 of every hour",
    "@every 90m": "every 1 hour and 30 minutes, counted from when the schedule took effect",
}


@pytest.mark.parametrize(("expression", "words"), WORDS.items())
def test_words(expression: str, words: str) -> None:
    assert in_words(expression) == words


@given(st.one_of(patterns(seconds=False), patterns(seconds=True)))
def test_every_expression_has_words(pattern: Pattern) -> None:
    try:
        words = in_words(pattern.text)
    except NeverFiresError:
        return
    assert words.isprintable()
    assert not words.startswith(" ")
    assert "  " not in words


def found(expression: str, **more: str) -> str:
    options = {"time_zone": "UTC", "seed": "", "gap": "Skip", "overlap": "Both"} | more
    return "\n".join(
        traps(
            expression,
            time_zone=options["time_zone"],
            gap=DstGap(options["gap"]),
            overlap=DstOverlap(options["overlap"]),
            now=NOW,
            seed=options["seed"],
        )
    )


BERLIN = {"time_zone": "Europe/Berlin"}
TRAPS: dict[str, tuple[str, dict[str, str], str]] = {
    "both day fields": ("0 0 13 * FRI", {}, "either is enough"),
    "both, with a star": ("0 0 */10 * SUN", {}, "both must match"),
    "a day that months lack": ("0 0 31 * *", {}, "does not fire in shorter months"),
    "a day that February lacks": ("0 0 30 * *", {}, "does not fire in February:"),
    "a leap day": ("0 0 29 2 *", {}, "More than a year can pass"),
    "a star before an hour": ("* 2 * * *", {}, "fires every minute of a matching hour"),
    "a star before a minute": ("* 30 2 * * *", {}, "fires every second of a matching minute"),
    "a step that breaks": ("*/25 * * * *", {}, "between 50 and 0 there are 10"),
    "six fields": ("0 30 2 * * *", {}, "the first is the second"),
    "numbers of weekdays": ("0 0 * * 1-5", {}, "1-5 is Monday to Friday, other than in Quartz"),
    "a hash": ("H 2 * * *", {}, "H is a value of each task's own"),
    "a time left out": ("30 2 * * *", BERLIN, "On 2026-03-29 the clock shows 02:30 not at all"),
    "run after": ("30 2 * * *", BERLIN | {"gap": "RunAfter"}, "comes right after the change"),
    "a time that comes twice": ("30 2 * * *", BERLIN, "On 2026-10-25 the clock shows 02:30 twice"),
    "once of two": ("30 2 * * *", BERLIN | {"overlap": "First"}, "it fires the first time"),
    "no clock": ("@every 1h", BERLIN, "It follows no clock"),
}


@pytest.mark.parametrize(("expression", "options", "told"), TRAPS.values(), ids=TRAPS)
def test_traps(expression: str, options: dict[str, str], told: str) -> None:
    assert told in found(expression, **options)


@pytest.mark.parametrize(
    ("expression", "options"),
    [
        ("30 9 * * MON-FRI", {}),
        ("30 9 * * *", BERLIN),
        ("30 2 * * *", {}),
        ("*/15 * * * *", BERLIN),
        ("0 */6 * * *", {}),
        ("H 2 * * *", {"seed": "a-uid"}),
    ],
)
def test_what_is_no_trap(expression: str, options: dict[str, str]) -> None:
    assert found(expression, **options) == ""


def run(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setattr(explain, "now", lambda: NOW)
    return CliRunner().invoke(app, ["explain", *arguments], prog_name="crontask")


def test_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("30 2 * * *", "--tz", "Europe/Berlin", monkeypatch=monkeypatch)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "30 2 * * *: at 02:30 every day, in Europe/Berlin.",
        "Beware: On 2026-03-29 the clock shows 02:30 not at all: that run is left out "
        "(dst.gap Skip).",
        "Beware: On 2026-10-25 the clock shows 02:30 twice: it fires both times "
        "(dst.overlap Both).",
        "Next: 2026-03-01T02:30:00+01:00  Sun  in 90m",
        "Next: 2026-03-02T02:30:00+01:00  Mon  in 25h",
        "Next: 2026-03-03T02:30:00+01:00  Tue  in 2d1h",
    ]


@pytest.mark.parametrize(
    ("expression", "status", "told"),
    [
        ("0 25 * * *", 2, "Error: EXPR: field 2 (hour): found '25', expected 0-23\n"),
        ("0 0 30 2 *", 3, "Error: '0 0 30 2 *' never fires: no month in '2' has a day in '30'\n"),
        ("\x1b[2J", 2, "Error: EXPR: found 1 field, expected 5"),
    ],
)
def test_a_mistake(
    monkeypatch: pytest.MonkeyPatch, expression: str, status: int, told: str
) -> None:
    result = run(expression, monkeypatch=monkeypatch)

    assert (result.exit_code, result.stdout) == (status, "")
    assert result.stderr.startswith(told)
