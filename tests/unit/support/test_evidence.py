"""That the checkers see what either source tells."""

from datetime import timedelta

import msgspec

from crontask_core.enums import RunStatus
from crontask_core.status import LastRun, RunRecord
from tests.support.checker_story import Story
from tests.support.evidence import Task, recorded


def begun(record: RunRecord) -> RunRecord:
    """Return the record of the same attempt while it was in flight."""
    return msgspec.structs.replace(record, status=RunStatus.STARTED, end_time=None, code=None)


def last_heard(task: Task, record: RunRecord, seconds: float) -> Task:
    """Return `task` with a status whose last run ended so long after `record` did."""
    assert record.end_time is not None
    last = LastRun(
        execution_id=record.execution_id,
        status=record.status,
        run_type=record.run_type,
        time=record.end_time + timedelta(seconds=seconds),
    )
    story = Story()
    status = msgspec.structs.replace(task.status, last_run=last)
    return type(task)("default", "task", "uid", task.created, story.task.spec, status)


def test_records_of_a_history_are_among_those_of_the_task() -> None:
    story = Story()
    kept, story.records = story.records[2:], story.records[:3]
    task = story.task.with_records(kept)
    assert recorded([task]) == {call.key for call in story.calls}


def test_an_end_is_believed_whoever_tells_of_it() -> None:
    story = Story()
    first = story.records[0]
    story.records = [first]
    assert story.task.with_records([begun(first)]).status.runs == (first,)
    story.records = [begun(first)]
    assert story.task.with_records([first]).status.runs == (first,)


def test_a_status_that_is_behind_the_history_is_not_settled() -> None:
    story = Story()
    newest = max(story.records, key=lambda record: record.begin_time)
    assert not last_heard(story.task, newest, -1).is_summed_up
    assert last_heard(story.task, newest, 0).is_summed_up
