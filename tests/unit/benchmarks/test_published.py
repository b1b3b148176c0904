"""The figures of a run in the page that tells them."""

import json

import pytest

from benchmarks.document import document
from benchmarks.outcome import Outcome
from benchmarks.published import BEGIN, DOCS, END, figures, replaced
from tests.unit.benchmarks.test_report import ROWS

MACHINE = {"cores": 2, "python": "3.13.0", "kubernetes": "v1.36.3"}


def test_a_row_has_goal_figure_spread_and_what_stands_beside_it() -> None:
    text = document(Outcome(rows=list(ROWS)), MACHINE, scale="full", seconds=1100)
    *_, first, second, last = figures(json.loads(text))
    assert first == "| burst of 1,000 | lag p99, s | <= 0.250 | 0.200 | 0.100-0.400 |  |  | 0.0 |"
    assert second == (
        "|  | recorded runs, 1/s | >= 0.800 of that beside | 300, missed |  "
        "| bare loop 450 | 0.67 | 1.5 |"
    )
    assert last == ""


def test_nothing_else_of_the_page_changes() -> None:
    page = f"above\n{BEGIN}\nold\nolder\n{END}\nbelow\n"
    assert replaced(page, ["new"]) == f"above\n{BEGIN}\nnew\n{END}\nbelow\n"
    assert replaced(replaced(page, ["new"]), ["old", "older"]) == page


def test_a_page_without_the_marks_is_left_alone() -> None:
    with pytest.raises(SystemExit, match="expected"):
        replaced("above\nbelow\n", ["new"])


def test_the_page_has_the_marks() -> None:
    page = (DOCS / "performance.md").read_text()
    assert replaced(page, ["new"]) != page
