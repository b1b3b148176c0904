"""Found, sorted and paged: every task once, whatever comes and goes."""

from itertools import pairwise

import pytest

from crontask_api.console.live.row import Row
from crontask_api.console.tasks.listing import list_rows, matching
from crontask_api.console.tasks.query import Query, Sort
from tests.unit.console.tasks import row

ROWS = [
    row(
        f"t{place:03}",
        title=f"Task {place % 7}",
        next_run=None if place % 5 == 0 else place * 3.0,
        failures=place % 3,
    )
    for place in range(101)
]


def _walk(rows: list[Row], query: Query) -> list[str]:
    names, cursor = [], ""
    while True:
        listing = list_rows(rows, query.model_copy(update={"after": cursor}), size=10)
        names += [each.name for each in listing.rows]
        cursor = listing.after
        if not cursor:
            return names


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("turned", [False, True])
def test_pages_hold_every_task_once_and_lead_back(sort: Sort, turned: bool) -> None:
    query = Query(sort=sort, turned=turned)
    names = _walk(ROWS, query)
    assert sorted(names) == sorted(each.name for each in ROWS)

    second = list_rows(
        ROWS, query.model_copy(update={"after": list_rows(ROWS, query, size=10).after}), size=10
    )
    first = list_rows(ROWS, query.model_copy(update={"before": second.before}), size=10)
    assert [each.name for each in first.rows] == names[:10]
    assert (first.before, first.first) == ("", 0)


def test_what_has_no_next_run_comes_last_either_way() -> None:
    for turned in (False, True):
        rows = list_rows(ROWS, Query(sort=Sort.NEXT, turned=turned), size=200).rows
        moments = [each.next_run for each in rows if each.next_run is not None]
        assert [each.next_run for each in rows[len(moments) :]] == [None] * 21
        assert all((b <= a) if turned else (a <= b) for a, b in pairwise(moments))


def test_names_are_turned_around_whatever_they_are_made_of() -> None:
    rows = [row(name, title=name) for name in ("a", "ab", "\U00102000", "周")]
    assert _walk(rows, Query(turned=True)) == list(reversed(_walk(rows, Query())))


def test_a_task_that_goes_does_not_shift_the_next_page() -> None:
    query = Query()
    first = list_rows(ROWS, query, size=10)
    rest = [each for each in ROWS if each not in first.rows[:5]]
    after = list_rows(rest, query.model_copy(update={"after": first.after}), size=10)
    assert [each.name for each in after.rows] == _walk(ROWS, query)[10:20]


def test_every_filter_counts() -> None:
    wanted = row(
        "x", title="Pay out", searched="pay out\nteam=bank", phase="Suspended", type="Daily",
        module=4, method="GET", failures=1, namespace="bank",
    )  # fmt: skip
    others = [*ROWS, wanted]
    for pairs in (
        {"text": "OUT  pay"},
        {"phase": "Suspended"},
        {"type": "Daily"},
        {"module": "4"},
        {"method": "get"},
        {"namespace": "bank"},
        {"failing": "1", "module": "4"},
    ):
        assert matching(others, Query.read(pairs.items())) == [wanted], pairs
    assert matching(others, Query.read([("text", "out nothing")])) == []


@pytest.mark.parametrize(
    "pairs",
    [
        {"phase": "Broken", "module": "-1", "sort": "size", "failing": "maybe"},
        {"text": "x" * 10_000},
        {"after": "\x00", "before": "%"},
        {"after": "bm9uc2Vuc2U="},
    ],
)
def test_what_an_address_says_wrongly_is_as_if_it_said_nothing(pairs: dict[str, str]) -> None:
    assert list_rows(ROWS, Query.read(pairs.items()), size=10).total == len(ROWS)


def test_an_address_says_what_it_was_made_of() -> None:
    query = Query(text="a&b=c", failing=True, sort=Sort.LAST, turned=True)
    address = query.address()
    assert address == "/console/tasks?text=a%26b%3Dc&failing=1&sort=last&turned=1"
    assert query.sorted_by(Sort.LAST) == "/console/tasks?text=a%26b%3Dc&failing=1&sort=last"
    assert Query().address() == "/console/tasks"
