"""Without a history, the runs that the statuses hold are a list of their own."""

from datetime import UTC, datetime

import pytest

from crontask_api.console.live.row import Run
from crontask_api.console.runs.held import HeldRuns, held_page
from crontask_api.console.runs.query import RunsQuery
from crontask_core.enums import RunStatus
from tests.unit.console.tasks import row

GOOD, BAD = RunStatus.SUCCEEDED, RunStatus.FAILED
ROWS = [
    row(
        f"task-{place}",
        namespace="team" if place % 2 else "other",
        module=place,
        title=f"Task {place}",
        runs=tuple(Run(BAD if at == place else GOOD, 1.0, 1000.0 * at) for at in (4, 3, 2, 1)),
    )
    for place in range(4)
]


def told(page: HeldRuns) -> list[tuple[float, str]]:
    """Return when each run of a page was due, and of which task it is."""
    return [(each.run.scheduled, each.row.name) for each in page.runs]


def test_all_is_found_once_newest_first_and_back() -> None:
    pages = [held_page(ROWS, RunsQuery(), size=6)]
    while pages[-1].older:
        pages.append(held_page(ROWS, RunsQuery(after=pages[-1].older), size=6))
    found = [each for page in pages for each in told(page)]
    assert [due for due, _ in found] == [4000.0] * 4 + [3000.0] * 4 + [2000.0] * 4 + [1000.0] * 4
    assert len(set(found)) == 16
    assert [len(page.runs) for page in pages] == [6, 6, 4]

    back = held_page(ROWS, RunsQuery(before=pages[2].newer), size=6)
    assert told(back) == told(pages[1])
    first = held_page(ROWS, RunsQuery(before=back.newer), size=6)
    assert (told(first), first.newer) == (told(pages[0]), "")


@pytest.mark.parametrize(
    ("pairs", "count"),
    [
        ({"status": "Failed"}, 3),
        ({"namespace": "team"}, 8),
        ({"task": "task-1"}, 4),
        ({"task": "Task 1"}, 4),
        ({"module": "3"}, 4),
        ({"begin": "1970-01-01T00:50", "end": "1970-01-01T01:06:40Z"}, 4),
        ({"begin": "1970-01-01T01:06:40Z"}, 4),
        ({"namespace": "team", "status": "Failed"}, 2),
        ({"status": "Nonsense", "module": "-1", "begin": "yesterday", "code": "x"}, 16),
        ({"begin": "0001-01-01T00:00:00+14:00"}, 16),
    ],
)
def test_filters_and_what_is_none(pairs: dict[str, str], count: int) -> None:
    assert len(held_page(ROWS, RunsQuery.read(pairs.items())).runs) == count


def test_an_address_says_it_all() -> None:
    begin = datetime(2026, 3, 1, 12, tzinfo=UTC)
    # The field of a form has no zone.
    assert RunsQuery.read([("begin", "2026-03-01T12:00")]).begin == begin
    query = RunsQuery(text="a&b", status=BAD, code=503, begin=begin, after="x")
    address = query.address(status=None)
    assert address == "/console/runs?text=a%26b&code=503&begin=2026-03-01T12%3A00%3A00Z"
    assert not RunsQuery(after="x").is_filtered
    assert RunsQuery(begin=begin).is_narrowed
    assert not RunsQuery(status=BAD, text="x").is_narrowed


@pytest.mark.parametrize("cursor", ["nonsense", "W10=", "WzEsMl0="])
def test_a_cursor_that_is_none_is_the_beginning(cursor: str) -> None:
    for query in (RunsQuery(after=cursor), RunsQuery(before=cursor)):
        assert told(held_page(ROWS, query, size=6)) == told(held_page(ROWS, RunsQuery(), size=6))
