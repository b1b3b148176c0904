"""Tables: aligned for every script, cut on a narrow terminal alone, coloured where wanted."""

import io
import re
from datetime import UTC, datetime

import pytest

from crontask_cli.service.rows import Row
from crontask_cli.shown.columns import Cell, Column, width, write_columns
from crontask_cli.shown.screen import Screen, Style
from crontask_cli.shown.task_rows import task_cells, task_columns

COLUMNS = (Column("NAME"), Column("TASK", flexible=True), Column("PHASE"))
ROWS = (
    (Cell("a"), Cell("每日报告 every day"), Cell("Active", Style.GREEN)),
    (Cell("much-longer"), Cell("x"), Cell("-", Style.DIM)),
)


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def written(stream: io.StringIO, *, headers: bool = True) -> list[str]:
    write_columns(Screen(stream), COLUMNS, ROWS, headers=headers)
    return stream.getvalue().splitlines()


def test_columns_begin_below_each_other_in_every_script() -> None:
    lines = written(io.StringIO())

    assert lines == [
        "NAME          TASK                 PHASE",
        "a             每日报告 every day   Active",
        "much-longer   x                    -",
    ]
    assert {width(line[: line.rindex(" ")]) for line in lines} == {34}


def test_titles_can_be_left_out() -> None:
    assert len(written(io.StringIO(), headers=False)) == 2


def test_a_narrow_terminal_cuts_what_is_flexible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    columns = (Column("NAME"), Column("URL", flexible=True))
    stream = Terminal()
    write_columns(
        Screen(stream), columns, [(Cell("a"), Cell("http://host/" + "每" * 90))], headers=True
    )
    line = stream.getvalue().splitlines()[1]
    assert width(line) in (39, 40)
    assert line.endswith("…")


def row(name: str, task: str) -> Row:
    words = ("30 9,12,15,18 * * MON-FRI", "Suspended", "7h59m", "Succeeded")
    return Row("shop", name, task, *words, "2026-03-03T08:30:00Z", "7d23h", "http://a.example/x", 0)


def listed(
    rows: list[Row], columns: int, monkeypatch: pytest.MonkeyPatch, **how: bool
) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    how = {"wide": False, "namespaces": False, **how}
    stream, now = Terminal(), datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
    cells = [task_cells(each, now, **how) for each in rows]
    write_columns(Screen(stream), task_columns(rows, **how), cells, headers=True)
    return stream.getvalue().splitlines()


PLAIN = [row("daily-report", "daily-report")]
NAMED = [row("3563671045221921", "每日报告 of the shop")]
LONG = [row("a" * 253, "b" * 500)]


@pytest.mark.parametrize("columns", [60, 72, 80, 100, 120, 160])
@pytest.mark.parametrize("namespaces", [False, True])
@pytest.mark.parametrize("rows", [PLAIN, NAMED, LONG], ids=["plain", "named", "long"])
def test_a_list_fits_a_terminal(
    rows: list[Row], columns: int, namespaces: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles, line = listed(rows, columns, monkeypatch, namespaces=namespaces)
    assert max(width(titles), width(line)) <= columns
    # What is shown is legible: at least 12 columns of it, or all.
    assert all(width(each) >= 12 for each in re.split(r" {2,}", line) if each.endswith("…"))
    assert "in 2d2h" in line
    assert line.startswith("shop" if namespaces else rows[0].name[:12])


def test_what_a_list_of_80_columns_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def titles(rows: list[Row]) -> list[str]:
        return re.split(r" {2,}", listed(rows, 80, monkeypatch)[0])

    said = ["SCHEDULE", "PHASE", "LAST RUN", "LAST STATUS", "NEXT RUN"]
    assert titles(PLAIN) == ["NAME", *said, "AGE"]
    assert titles(NAMED) == ["NAME", "TASK", *said[:2], *said[3:]]
    assert listed(NAMED, 80, monkeypatch)[1].startswith("3563671045221921  ")
    # Where there is room, and where it is asked for, there is everything.
    assert "AGE" in listed(NAMED, 160, monkeypatch)[0]
    assert "AGE" in listed(NAMED, 80, monkeypatch, wide=True)[0]


@pytest.mark.parametrize("columns", ["10", "", "x"])
def test_a_terminal_of_no_use_is_none(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    if columns == "10":
        assert Screen(Terminal()).width is None
    else:
        Screen(Terminal())


def test_a_pipe_cuts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    stream = io.StringIO()
    write_columns(Screen(stream), COLUMNS[:2], [(Cell("a"), Cell("x" * 500))], headers=False)
    assert "x" * 500 in stream.getvalue()


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),  # https://no-color.org: not an empty string
        ({"TERM": "dumb"}, False),
    ],
)
def test_colour(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], coloured: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert ("\x1b[32mActive\x1b[0m" in "\n".join(written(Terminal()))) is coloured
    assert "\x1b" not in "\n".join(written(io.StringIO()))


def test_a_cell_cannot_break_out_of_its_line() -> None:
    stream = io.StringIO()
    write_columns(
        Screen(stream), COLUMNS[:2], [(Cell("a\x1b[31m"), Cell("b\nc\u202e"))], headers=False
    )
    assert stream.getvalue() == "a\\x1b[31m   b\\nc\\u202e\n"
