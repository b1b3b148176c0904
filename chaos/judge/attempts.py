"""attempts judges repetitions, retries and overlaps, for the judge."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from chaos.judge.case import Case, clock
from chaos.judge.finding import Fault, Finding
from chaos.script import Behaviour

SLOW_SECONDS = 3.0
"""How long the target of a task takes that forbids or replaces."""

TOUCH_SECONDS = 0.5
"""An overlap that is shorter may be one of clocks and of the way."""


def find(case: Case) -> Iterator[Finding]:
    """Judge how the calls of one task follow each other."""
    yield from _repeated(case)
    yield from _numbers(case)
    yield from _overlap(case)


def repetitions(case: Case) -> tuple[int, int]:
    """Return how many calls repeat an attempt, and how many of them a cut excuses."""
    excused = faults = 0
    for _, _, _, is_excused in _repeats(case):
        excused += is_excused
        faults += not is_excused
    return excused + faults, excused


def _repeats(case: Case) -> Iterator[tuple[str, float, float, bool]]:
    for key, calls in case.by_key.items():
        recorded = case.recorded(key)
        for first, again in pairwise(calls):
            excused = any(
                cut.excuses(first.arrived, again.arrived, recorded) for cut in case.bounds.cuts
            )
            name = f"attempt {key[1]} of {clock(first.scheduled)}, recorded {_seen(recorded)},"
            yield name, first.arrived, again.arrived, excused


def _seen(recorded: float) -> str:
    return "never" if recorded == float("inf") else f"at {clock(recorded)}"


def _repeated(case: Case) -> Iterator[Finding]:
    for name, first, again, excused in _repeats(case):
        if not excused:
            text = f"{name} came at {clock(first)} and at {clock(again)}"
            yield case.finding(Fault.REPEATED, text)


def _numbers(case: Case) -> Iterator[Finding]:
    numbers: dict[str, set[int]] = defaultdict(set)
    for execution_id, attempt in case.by_key:
        numbers[execution_id].add(attempt)
    for execution_id, found in numbers.items():
        if len(found) == max(found) == case.attempts:
            continue
        calls = case.by_key[execution_id, min(found)]
        text = f"the run of {clock(calls[0].scheduled)} came as attempts {sorted(found)}"
        if max(found) > case.attempts or len(found) < max(found):
            yield case.finding(Fault.ATTEMPTS, f"{text}, of {case.attempts}")
        elif case.life.deleted is None and execution_id not in case.uncertain:
            yield case.finding(Fault.LOST, f"{text}, and {case.attempts} were due")


def _overlap(case: Case) -> Iterator[Finding]:
    if case.life.plan.behaviour is not Behaviour.FORBID:
        return
    firsts = sorted(
        (calls[0].arrived, calls[0].scheduled)
        for (execution_id, _), calls in case.by_key.items()
        if execution_id not in case.requested
    )
    for (first, moment), (second, later) in pairwise(firsts):
        if second - first >= SLOW_SECONDS - TOUCH_SECONDS:
            continue
        if not case.bounds.cut_between(first, second):
            text = (
                f"the run of {clock(later)} began at {clock(second)}, "
                f"{second - first:.1f} s after that of {clock(moment)}"
            )
            yield case.finding(Fault.OVERLAP, text)
