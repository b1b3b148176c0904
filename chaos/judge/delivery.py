"""delivery holds what arrived against what was due, for the judge."""

from collections.abc import Iterator

from chaos.history import Span, State
from chaos.judge.case import Case, clock
from chaos.judge.finding import Fault, Finding
from chaos.script import Behaviour

CLOCK_SECONDS = 0.002
"""Moments are cut to milliseconds on their way; nothing is early by less than this."""


def find(case: Case) -> Iterator[Finding]:
    """Judge the calls of one task by its moments and its edits."""
    yield from _lost(case)
    yield from _out_of_place(case)
    yield from _after_the_end(case)
    yield from _unanswered(case)


def _lost(case: Case) -> Iterator[Finding]:
    plan = case.life.plan
    dead = case.life.deleted is not None
    if dead and (plan.policy != "All" or plan.behaviour in (Behaviour.FORBID, Behaviour.REPLACE)):
        # What its counters would have owned up to went with the object.
        return
    owned_up = 0 if dead else case.given_up
    lost = len(case.absent) - owned_up
    if lost > 0:
        listed = ", ".join(map(clock, case.absent[:5]))
        text = f"no call for {len(case.absent)} moments: {listed}; counted are {owned_up}"
        yield case.finding(Fault.LOST, text, lost)


def _out_of_place(case: Case) -> Iterator[Finding]:
    known = case.demand.required | case.demand.optional
    for call in case.scheduled:
        if call.scheduled not in known:
            text = f"a call for {clock(call.scheduled)}, at {clock(call.arrived)}"
            yield case.finding(Fault.UNDEMANDED, text)
        if call.arrived < call.scheduled - CLOCK_SECONDS:
            text = f"{clock(call.scheduled)} came at {clock(call.arrived)}"
            yield case.finding(Fault.EARLY, text)


def _after_the_end(case: Case) -> Iterator[Finding]:
    deletion = case.life.deleted
    if deletion is not None:
        bound = case.bounds.seen_by(deletion, case.account.gone)
        late = [call for call in case.calls if call.arrived > bound]
        if late:
            text = _late_text(late[-1].arrived, deletion, bound, len(late))
            yield case.finding(Fault.AFTER_DELETION, text, len(late))
    for state, following in _suspensions(case):
        bound = case.bounds.seen_by(state.edit)
        begun = [
            calls[0].arrived
            for (execution_id, attempt), calls in case.by_key.items()
            if attempt == 1
            and execution_id not in case.requested
            and bound < calls[0].arrived < following
        ]
        if begun:
            text = _late_text(max(begun), state.edit, bound, len(begun))
            yield case.finding(Fault.AFTER_SUSPENSION, text, len(begun))


def _suspensions(case: Case) -> Iterator[tuple[State, float]]:
    states = case.life.states
    ends = [state.edit.sent for state in states[1:]] + [float("inf")]
    for state, end in zip(states, ends, strict=True):
        if state.suspended:
            yield state, end


def _late_text(arrived: float, edit: Span, bound: float, count: int) -> str:
    return (
        f"{count} calls, the last at {clock(arrived)}, {arrived - edit.acked:.1f} s after it; "
        f"allowed are {bound - edit.acked:.1f} s"
    )


def _unanswered(case: Case) -> Iterator[Finding]:
    values = list(case.life.requests.items())
    made = {execution_id for execution_id, _ in case.by_key}
    by_value = {value: execution_id for execution_id, value in case.requested.items()}
    for index, (value, asked) in enumerate(values):
        replaced = values[index + 1][1].sent if index + 1 < len(values) else float("inf")
        gone = case.life.deleted.sent if case.life.deleted else float("inf")
        # One that was not seen in time is replaced or gone before anybody could answer it.
        if by_value[value] not in made and min(replaced, gone) > case.bounds.seen_by(asked):
            text = f"the run that was asked for at {clock(asked.sent)} was not made"
            yield case.finding(Fault.UNANSWERED, text)
