"""watch_event takes over from a watch event what the operator keeps of a task."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from crontask_core.constants import REDRIVE_ANNOTATION, RUN_REQUEST_ANNOTATION
from crontask_core.errors import SpecError
from crontask_core.expect import compile_expect
from crontask_core.expressions import EXPRESSIONS
from crontask_core.identity import request_mark, shard_of
from crontask_core.redrive import parse_redrives
from crontask_core.schedule import compile_spec
from crontask_core.spec import parse_spec
from crontask_operator.task.run_history import decode_records
from crontask_operator.task.state import LeaseState, StoredStatus, TaskState, read_stored_status

Body = Mapping[str, Any]


def new_state(body: Body, shards: int) -> TaskState:
    """Return the state of an object that is seen for the first time."""
    metadata = body["metadata"]
    uid = metadata["uid"]
    return TaskState(
        uid=uid,
        namespace=metadata["namespace"],
        name=metadata["name"],
        shard=shard_of(uid, shards),
        created=datetime.fromisoformat(metadata["creationTimestamp"]),
    )


def take_requests(state: TaskState, body: Body) -> bool:
    """Take over which runs annotations ask for; return whether that has changed."""
    annotations = body["metadata"].get("annotations") or {}
    before = state.run_request, state.redrives
    state.run_request = request_mark(annotations.get(RUN_REQUEST_ANNOTATION, ""))
    state.redrives = parse_redrives(annotations.get(REDRIVE_ANNOTATION, ""))
    return (state.run_request, state.redrives) != before


def stored_status(body: Body) -> StoredStatus:
    """Return the status of the object, its records as JSON; see `read_stored_status`."""
    return read_stored_status(body.get("status"))[0]


def same_status(first: StoredStatus, second: StoredStatus) -> bool:
    """Tell whether two statuses say the same, however their records are formatted."""
    bare = msgspec.structs.replace(first, runs=second.runs)
    return bare == second and decode_records(first.runs) == decode_records(second.runs)


def take_spec(state: TaskState, body: Body) -> None:
    """Decode the object's spec into `state`; what is wrong with it becomes the problem."""
    state.generation = body["metadata"]["generation"]
    state.problem, state.in_force = None, False
    forget_expression(state)
    try:
        state.spec = spec = parse_spec(body.get("spec"))
        compile_expect(spec.expect, tenant=state.namespace, keep=not spec.suspend)
    except SpecError as error:
        state.problem = error


def follow_owner(state: TaskState, body: Body) -> None:
    """Take over what the owner wrote, unless nobody but ourselves has written."""
    version = body["metadata"]["resourceVersion"]
    if not _is_newer(version, state.resource_version):
        return
    status, state.foreign = read_stored_status(body.get("status"))
    if state.lease is LeaseState.LOST:
        if any(same_status(status, write.status) for write in state.sent):
            return
        if same_status(status, state.stored):
            state.resource_version = version
            return
    state.resource_version = version
    state.give_way(status)


def follow_version(state: TaskState, body: Body) -> None:
    """Base the next write on this version, if it left the status as we know it.

    If it did not, somebody else wrote it. Then the next write has to meet the
    conflict, and the recorder merges the two.
    """
    version = body["metadata"]["resourceVersion"]
    if _is_newer(version, state.resource_version) and same_status(
        stored_status(body), state.stored
    ):
        state.resource_version = version


def forget_expression(state: TaskState) -> None:
    """Free the memory for the task's regular expression: the task is gone, or is another."""
    if state.spec is not None and state.spec.expect.body_regex:
        EXPRESSIONS.drop(state.namespace, state.spec.expect.body_regex)


def compile_plan(state: TaskState) -> None:
    """Compile the schedule that the draft's plan puts in force."""
    state.schedule = None
    if state.spec is None or state.draft.plan is None or state.problem is not None:
        return
    try:
        state.schedule = compile_spec(state.spec, seed=state.uid, anchor=state.draft.plan.since)
    except SpecError as error:
        state.problem = error


def _is_newer(version: str, than: str) -> bool:
    return version != than and newer(version, than) == version


def reaches(version: str, awaited: str) -> bool:
    """Tell whether `version` is `awaited` or a later one."""
    return newer(version, awaited) == version


def newer(first: str, second: str) -> str:
    """Return the later of two resource versions.

    Since Kubernetes 1.35 they are decimal numbers without leading zeros by contract,
    and were so in practice before.
    """
    return max(first, second, key=lambda version: (len(version), version))
