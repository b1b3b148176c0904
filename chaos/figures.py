"""figures puts what single faults cost into a table of ``docs/reliability.md``; it is pure."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from chaos.judge.finding import Fault, Report

_AFTER: Final = (Fault.AFTER_SUSPENSION, Fault.AFTER_DELETION)

BEGIN: Final = "<!-- figures of `make reliability` -->\n"
END: Final = "<!-- end of the figures -->\n"

_COLUMNS: Final = (
    "Fault",
    "times in stories",
    "calls due",
    "made",
    "given up",
    "lost",
    "repeated",
    "excused",
    "late",
    "longest gap",
)


class Row(msgspec.Struct, frozen=True):
    """What one kind of fault has cost, over several stories; `gap` is in seconds."""

    fault: str
    stories: int
    times: int
    due: int
    made: int
    given_up: int
    lost: int
    repeated: int
    excused: int
    late: int
    gap: float
    findings: int


class Result(msgspec.Struct, frozen=True):
    """A whole measurement. `seconds` is the length of one story."""

    seconds: float
    operators: int
    shards: int
    lease: int
    tasks: int
    machine: str
    rows: tuple[Row, ...] = ()


def row_of(fault: str, times: int, reports: Sequence[Report]) -> Row:
    """Return the row of a fault that happened so many `times` in the stories of `reports`."""
    return Row(
        fault=fault,
        stories=len(reports),
        times=times,
        due=sum(report.due for report in reports),
        made=sum(report.made for report in reports),
        given_up=sum(report.given_up for report in reports),
        lost=sum(report.lost for report in reports),
        repeated=sum(report.repeated for report in reports),
        excused=sum(report.excused for report in reports),
        late=sum(each.count for report in reports for each in report.of(_AFTER)),
        gap=round(max(report.longest_gap for report in reports), 1),
        findings=sum(len(report.findings) for report in reports),
    )


def render(document: str, result: Result) -> str:
    """Return `document` with the figures of `result` between its two marks.

    Raises
    ------
    ValueError
        If a mark is not there.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"expected the lines {BEGIN!r} and {END!r} in the document")
    about = (
        f"Stories of {result.seconds:g} s, {result.operators} operators, {result.shards} shards, "
        f"leases of {result.lease} s,\n{result.tasks} tasks; {result.machine}.\n"
    )
    lines = [_line(_COLUMNS), _line(["---"] * len(_COLUMNS)), *map(_row, result.rows)]
    return f"{before}{begin}{about}\n{''.join(lines)}{end}{after}"


def _row(row: Row) -> str:
    counts = (row.due, row.made, row.given_up, row.lost, row.repeated, row.excused, row.late)
    return _line(
        [
            row.fault,
            f"{row.times} in {row.stories}",
            *(f"{count:,}" for count in counts),
            f"{row.gap:.1f} s",
        ]
    )


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
