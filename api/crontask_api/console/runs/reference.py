"""reference_of names a run in a form, so that it is found in the history at once."""

from dataclasses import dataclass
from datetime import datetime

from crontask_core.enums import RunStatus
from crontask_core.times import rfc3339
from crontask_history.row import RunId, RunRow
from crontask_kube.names import is_object_name


@dataclass(frozen=True, slots=True)
class RunReference:
    """A run, and the namespace in which somebody says that it is."""

    namespace: str
    run: RunId


def can_be_made_again(row: RunRow) -> bool:
    """Return whether an attempt has failed and was not made good by another run yet."""
    return row.status is RunStatus.FAILED and not row.redriven_by


def reference_of(row: RunRow) -> str:
    """Return what names the run of an attempt."""
    return "/".join((row.namespace, row.uid, row.execution_id, rfc3339(row.scheduled_time)))


def read_reference(text: str) -> RunReference | None:
    """Return the run that `text` names, None if it names none."""
    match text.split("/"):
        case [namespace, uid, execution_id, due] if is_object_name(namespace):
            try:
                moment = datetime.fromisoformat(due)
            except ValueError:
                return None
            if moment.tzinfo is not None:
                return RunReference(namespace, RunId(uid, execution_id, moment))
    return None
