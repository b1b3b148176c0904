"""``crontask next``: what it prints, where, and how it ends."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from typer.testing import CliRunner, Result

from crontask_cli.commands import next_times
from crontask_cli.program import app
from crontask_core.schedule import preview
from crontask_core.times import rfc3339

NOW = datetime.fromisoformat("2026-03-28T12:00:00+00:00")


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(next_times, "now", lambda: NOW)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["next", *arguments], prog_name="crontask")


def test_json_is_an_array_of_times_with_the_zone_s_offset() -> None:
    result = run(
        "30 2 * * *",
        *("--tz", "Europe/Berlin", "-n", "3", "--after", "2026-03-28T00:00:00Z"),
        *("--gap", "RunAfter", "--overlap", "First", "-o", "json"),
    )

    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == [
        "2026-03-28T02:30:00+01:00",
        "2026-03-29T03:00:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]


def test_without_options_it_prints_five_lines_from_now_in_utc() -> None:
    result = run("20 15 * * *")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "2026-03-28T15:20:00Z  Sat  in 3h20m",
        "2026-03-29T15:20:00Z  Sun  in 27h",
        "2026-03-30T15:20:00Z  Mon  in 2d3h",
        "2026-03-31T15:20:00Z  Tue  in 3d3h",
        "2026-04-01T15:20:00Z  Wed  in 4d3h",
    ]


def test_distances_are_told_from_now_wherever_the_list_begins() -> None:
    result = run("@daily", "-n", "1", "--after", "2026-03-20T10:00:00+09:00")

    assert result.stdout == "2026-03-21T00:00:00Z  Sat  7d12h ago\n"


@pytest.mark.parametrize(
    ("overlap", "times"),
    [
        ("Both", ["02:30:00+02:00", "02:30:00+01:00"]),
        ("first", ["02:30:00+02:00", "02:30:00+01:00"]),
        ("SECOND", ["02:30:00+01:00", "02:30:00+01:00"]),
    ],
)
def test_a_time_that_comes_twice(overlap: str, times: list[str]) -> None:
    result = run(
        *("30 2 * * *", "--tz", "Europe/Berlin", "--after", "2026-10-24T12:00:00Z"),
        *("-n", "2", "--overlap", overlap, "-o", "JSON"),
    )

    printed = json.loads(result.stdout)
    assert [time.partition("T")[2] for time in printed] == times
    assert printed[0].startswith("2026-10-25")


def test_it_is_the_preview_of_the_library() -> None:
    result = run("H H(1-5) * * *", "--uid", "a-uid", "-n", "2", "-o", "json")

    expected = preview("H H(1-5) * * *", count=2, after=NOW, seed="a-uid")
    assert json.loads(result.stdout) == [rfc3339(time) for time in expected]


def test_every_counts_from_the_time_to_begin_after() -> None:
    result = run("@every 1h30m", "-n", "2")

    assert [line[11:16] for line in result.stdout.splitlines()] == ["13:30", "15:00"]


MISTAKES = {
    "expression": (
        ["0 25 * * *"],
        "Invalid value for 'EXPR': field 2 (hour): found '25', expected 0-23",
    ),
    "zone": (
        ["@daily", "--tz", "Berlin"],
        "Invalid value for '--tz': found 'Berlin', expected a name of the IANA database; "
        "similar: Europe/Berlin",
    ),
    "time": (
        ["@daily", "--after", "tomorrow"],
        "Invalid value for '--after': found 'tomorrow', expected an RFC 3339 time with an "
        "offset, such as 2026-03-28T00:00:00Z or 2026-03-28T01:00:00+01:00",
    ),
    "time without an offset": (
        ["@daily", "--after", "2026-03-28T00:00:00"],
        "Invalid value for '--after': found '2026-03-28T00:00:00', expected an RFC 3339 time "
        "with an offset, such as 2026-03-28T00:00:00Z or 2026-03-28T01:00:00+01:00",
    ),
    "no count": (
        ["@daily", "-n", "0"],
        "Invalid value for '-n' / '--count': found '0', expected a whole number from 1 to 1000",
    ),
    "negative count": (
        ["@daily", "-n", "-3"],
        "Invalid value for '-n' / '--count': found '-3', expected a whole number from 1 to 1000",
    ),
    "huge count": (
        ["@daily", "-n", "1001"],
        "Invalid value for '-n' / '--count': found '1001', expected a whole number from 1 to 1000",
    ),
    "count in words": (
        ["@daily", "-n", "five"],
        "Invalid value for '-n' / '--count': found 'five', expected a whole number from 1 to 1000",
    ),
    "policy": (["@daily", "--gap", "Jump"], "found 'Jump', expected one of Skip, RunAfter"),
    "nothing": ([], "Missing argument 'EXPR'"),
}


@pytest.mark.parametrize(("arguments", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_on_stderr_and_exits_with_2(arguments: list[str], message: str) -> None:
    result = run(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ["0 0 30 2 *"],
            "Error: '0 0 30 2 *' never fires: no month in '2' has a day in '30'",
            id="on no date",
        ),
        pytest.param(
            ["0 0 29 2 */7"],
            "Error: '0 0 29 2 */7' does not fire within five years of 2026-03-28T12:00:00Z",
            id="on none within five years",
        ),
        pytest.param(
            ["@daily", "--after", "9999-12-31T23:59:59-12:00"],
            "Error: '@daily' does not fire after 9999-12-31T23:59:59-12:00",
            id="at the end of the calendar",
        ),
    ],
)
@pytest.mark.parametrize("output", ["text", "json"])
def test_a_schedule_that_never_fires_exits_with_3(
    arguments: list[str], message: str, output: str
) -> None:
    result = run(*arguments, "-o", output)

    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == f"{message}\n"


def test_the_program_itself() -> None:
    program = "from crontask_cli.start import main; main()"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}

    def started(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    right, wrong = started("next", "@daily", "-o", "json"), started("next", "@dayly")

    # Its own clock: five midnights, the first of them still to come.
    times = [datetime.fromisoformat(time) for time in json.loads(right.stdout)]
    assert len(times) == 5
    assert times[0] > datetime.now(times[0].tzinfo) - timedelta(minutes=1)
    assert (right.returncode, right.stderr) == (0, "")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "Error: Invalid value for 'EXPR': found '@dayly'" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_help_explains_the_options() -> None:
    result = run("--help")

    assert result.exit_code == 0
    for option in ("EXPR", "--tz NAME", "--after TIME", "Skip|RunAfter", "Both|First|Second"):
        assert option in result.stdout
