"""gauges says what can be measured of the engine at any moment, for its metrics."""

from collections.abc import Mapping

from crontask_operator.engine.dispatcher import Dispatcher
from crontask_operator.engine.measures import count_failing
from crontask_operator.engine.status_recorder import StatusRecorder
from crontask_operator.engine.ticker import Ticker
from crontask_operator.process.metrics import Gauges
from crontask_operator.task.state import TaskState
from crontask_operator.task.unsaved import LEDGER


def gauges_of(
    tasks: Mapping[str, TaskState],
    dispatcher: Dispatcher,
    recorder: StatusRecorder,
    ticker: Ticker,
) -> Gauges:
    """Return the gauges by name, each with its help text."""
    return {
        "crontask_calls_in_flight": (
            "Calls that are being made.",
            lambda: dispatcher.in_flight,
        ),
        "crontask_calls_waiting": (
            "Calls that are due and wait for a slot or for their namespace's share.",
            lambda: dispatcher.waiting,
        ),
        "crontask_records_waiting": (
            "Tasks whose status is to be written as soon as possible.",
            lambda: recorder.waiting,
        ),
        "crontask_statuses_held_back": (
            "Tasks whose status may be written later, since the history has their runs.",
            lambda: recorder.held_back,
        ),
        "crontask_records_unwritten": (
            "Records that wait in memory to be written.",
            lambda: LEDGER.records,
        ),
        "crontask_records_cut": (
            "Records that lost their texts in memory, since 64 MiB of them waited.",
            lambda: LEDGER.cut,
        ),
        "crontask_records_dropped": (
            "Records that were given up, since 128 MiB of them waited.",
            lambda: LEDGER.dropped,
        ),
        "crontask_watch_behind_seconds": (
            "Seconds from a status write until the watch showed it: as late do edits, suspensions"
            " and deletions take effect.",
            lambda: recorder.watch_lag.seconds,
        ),
        "crontask_tasks_scheduled": (
            "Tasks of this replica for which a moment is planned.",
            lambda: len(ticker),
        ),
        "crontask_tasks_failing": (
            "Tasks of this replica that will run again and whose latest run failed.",
            lambda: count_failing(tasks.values()),
        ),
    }
