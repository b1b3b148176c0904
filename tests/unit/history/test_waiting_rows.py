"""Rows that wait are bounded, shared among namespaces, and given up in the right order."""

from crontask_history.row import RunRow
from crontask_operator.history.waiting_rows import WaitingRow, WaitingRows
from tests.history.rows import row, started


def waiting(each: RunRow, size: int = 1) -> WaitingRow:
    """Return a row that waits."""
    return WaitingRow(each, since=0.0, size=size)


def taken(rows: WaitingRows, most_rows: int = 1000, most_bytes: int = 10**9) -> list[str]:
    """Take rows; return namespace and number of each."""
    return [
        f"{each.row.namespace} {int(each.row.execution_id, 16)}"
        for each in rows.take(most_rows, most_bytes)
    ]


def test_rows_leave_in_turns_of_namespaces() -> None:
    rows = WaitingRows()
    for number in range(4):
        rows.put(waiting(row(number, namespace="many")))
    rows.put(waiting(row(9, namespace="few")))
    assert taken(rows, most_rows=3) == ["many 0", "few 9", "many 1"]
    assert taken(rows) == ["many 2", "many 3"]
    assert (len(rows), rows.bytes) == (0, 0)


def test_what_has_ended_goes_before_what_has_begun() -> None:
    rows = WaitingRows()
    rows.put(waiting(started(1)))
    rows.put(waiting(row(2)))
    assert taken(rows) == ["shop 2", "shop 1"]


def test_a_batch_is_bounded_in_bytes_and_holds_one_row_at_least() -> None:
    rows = WaitingRows()
    for number in range(4):
        rows.put(waiting(row(number), size=60))
    assert taken(rows, most_bytes=100) == ["shop 0", "shop 1"]
    assert taken(rows, most_bytes=1) == ["shop 2"]


def test_a_namespace_may_fill_as_much_as_it_leaves_free() -> None:
    rows = WaitingRows(most_rows=10)
    dropped = [each for at in range(9) for each in rows.put(waiting(row(at, namespace="many")))]
    assert [int(each.execution_id, 16) for each in dropped] == [0, 1, 2, 3]
    for number in range(2):
        assert rows.put(waiting(row(number, namespace="few"))) == []
    assert len(rows) == 7


def test_bytes_are_bounded_as_rows_are() -> None:
    rows = WaitingRows(most_bytes=100)
    assert rows.put(waiting(row(1), size=40)) == []
    assert rows.put(waiting(row(2), size=20)) == [row(1)]
    assert rows.bytes == 20


def test_what_has_only_begun_goes_first() -> None:
    rows = WaitingRows(most_rows=6)
    for number in range(2):
        rows.put(waiting(row(number)))
    rows.put(waiting(started(2)))
    assert rows.put(waiting(row(3))) == [started(2)]
    assert rows.put(waiting(row(4))) == [row(0)]


def test_what_does_not_fit_at_all_is_dropped_at_once() -> None:
    rows = WaitingRows(most_bytes=100)
    assert rows.put(waiting(row(1), size=101)) == [row(1)]
    assert (len(rows), rows.bytes) == (0, 0)
