"""Records that wait to be written take a bounded memory, whoever has them."""

from datetime import UTC, datetime

from crontask_core.enums import RunStatus, RunType
from crontask_core.status import RunRecord
from crontask_operator.task.run_history import CUT
from crontask_operator.task.unsaved import RECORD_BYTES, Ledger, UnsavedRecords

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = "x" * RECORD_BYTES


def record(number: int) -> RunRecord:
    return RunRecord(
        execution_id=f"{number:032x}",
        run_type=RunType.SCHEDULED,
        attempt=1,
        status=RunStatus.SUCCEEDED,
        scheduled_time=NOW,
        begin_time=NOW,
        end_time=NOW,
        body=TEXT,
        response=TEXT,
    )


def test_records_of_all_tasks_take_a_bounded_memory() -> None:
    ledger = Ledger(limit=100 * RECORD_BYTES)
    tasks = [UnsavedRecords(ledger) for _ in range(10)]
    for number in range(1000):
        tasks[number % 10].append(record(number))
    assert ledger.bytes <= 2.1 * ledger.limit
    assert ledger.records == sum(map(len, tasks))
    # Each that went is counted, and so is each that lost its texts.
    assert ledger.records + ledger.dropped == 1000
    assert ledger.cut > 0
    newest = [list(task)[-1] for task in tasks]
    assert [int(one.execution_id, 16) for one in newest] == list(range(990, 1000))
    assert {one.response for one in newest} == {CUT}


def test_what_is_written_makes_room() -> None:
    ledger = Ledger(limit=10 * RECORD_BYTES)
    records = UnsavedRecords(ledger)
    for number in range(3):
        records.append(record(number))
    written = tuple(records)[:2]
    records.append(record(3))
    records.remove(written)
    assert [one.execution_id[-1] for one in records] == ["2", "3"]
    records.keep_newest(1)
    assert ledger.records == len(records) == 1
    records.clear()
    assert (ledger.records, ledger.bytes) == (0, 0)


def test_a_task_that_is_forgotten_takes_its_records_along() -> None:
    ledger = Ledger()
    records = UnsavedRecords(ledger)
    records.append(record(1))
    del records
    assert (ledger.records, ledger.bytes) == (0, 0)
