"""The figures of the document on reliability are those of its result."""

import pytest

from chaos.figures import BEGIN, END, Result, render, row_of
from chaos.judge import Fault, Finding, Report
from chaos.reliability import DOCUMENT, load, profiles

REPORT = Report(
    due=1000,
    made=990,
    given_up=9,
    calls=1200,
    repeated=3,
    excused=2,
    longest_gap=1.26,
    findings=(
        Finding(Fault.LOST, "task", "no call", 1),
        Finding(Fault.REPEATED, "task", "came again", 1),
        Finding(Fault.AFTER_DELETION, "task", "late", 4),
    ),
)


def test_a_row_sums_the_stories_of_a_fault() -> None:
    row = row_of("a fault", 5, [REPORT, REPORT])
    result = Result(60, 3, 4, 8, 48, "2 cores", (row,))
    before = f"# Title\n{BEGIN}old\n{END}the rest\n"
    document = render(before, result)
    assert document.startswith(f"# Title\n{BEGIN}Stories of 60 s, 3 operators")
    assert document.endswith(
        f"| a fault | 5 in 2 | 2,000 | 1,980 | 18 | 2 | 6 | 4 | 8 | 1.3 s |\n{END}the rest\n"
    )
    assert render(document, result) == document


@pytest.mark.parametrize("document", ["", BEGIN, END])
def test_a_document_without_the_marks_is_refused(document: str) -> None:
    with pytest.raises(ValueError, match="expected the lines"):
        render(document, Result(60, 3, 4, 8, 48, "2 cores"))


def test_the_document_holds_the_figures_that_were_measured() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert render(document, load()) == document


def test_what_was_measured_are_faults_in_the_order_of_their_kinds() -> None:
    measured = [row.fault for row in load().rows]
    assert measured == [name for name in profiles() if name in measured]
