"""accounts holds counters and records against the calls, for the judge."""

from collections.abc import Iterator

from chaos.judge.case import UNSENT_REASONS, Case, clock
from chaos.judge.finding import Fault, Finding

SUCCEEDED_OR_FAILED = ("succeeded", "failed")


def find(case: Case) -> Iterator[Finding]:
    """Judge what the status of one task tells, now that everything has settled."""
    for text in case.account.went_back:
        yield case.finding(Fault.WENT_BACK, text)
    if case.life.deleted is not None:
        # Its last status went with it, before it was written or seen.
        return
    if case.account.under_way:
        text = f"{case.account.under_way} attempts are under way or wait for a retry"
        yield case.finding(Fault.UNFINISHED, text)
    yield from _unrecorded(case)
    yield from _unseen(case)
    yield from _moments(case)
    yield from _runs(case)
    yield from _retries(case)


def _unrecorded(case: Case) -> Iterator[Finding]:
    if not case.complete:
        return
    for key, calls in case.by_key.items():
        if key not in case.account.records and key[0] not in case.uncertain:
            text = f"attempt {key[1]} of {clock(calls[0].scheduled)} has no record"
            yield case.finding(Fault.UNRECORDED, text)


def _unseen(case: Case) -> Iterator[Finding]:
    for key, seen in case.account.records.items():
        if key not in case.by_key and seen.reason not in (*UNSENT_REASONS, "Missed"):
            text = f"attempt {key[1]} of {key[0]} is recorded as {seen.reason}, and never came"
            yield case.finding(Fault.UNSEEN, text)


def _moments(case: Case) -> Iterator[Finding]:
    """Judge ``missed`` and ``skipped``; that they are enough is told as lost runs."""
    made = {int(call.scheduled) for call in case.scheduled}
    answered = {call.execution_id for call in case.calls} & set(case.requested)
    most = len(case.demand.required | case.demand.optional) - len(
        made & (case.demand.required | case.demand.optional)
    )
    # Of a call that nobody knows of the moment may be counted as well.
    most += len(case.uncertain)
    # A request that another replaces while it waits is skipped as well.
    most += len(case.requested) - len(answered)
    if case.given_up > most:
        text = f"{case.given_up} moments are counted as missed or skipped, and {most} were not made"
        yield case.finding(Fault.MISCOUNTED, text)


def _runs(case: Case) -> Iterator[Finding]:
    called = {execution_id for execution_id, _ in case.by_key}
    expected = len(called | case.unsent)
    counted = sum(case.account.count(name) for name in SUCCEEDED_OR_FAILED)
    yield from _compare(case, "succeeded and failed", counted, expected)


def _retries(case: Case) -> Iterator[Finding]:
    keys = set(case.by_key) | set(case.account.records)
    expected = sum(attempt > 1 for _, attempt in keys)
    yield from _compare(case, "retries", case.account.count("retries"), expected)


def _compare(case: Case, name: str, counted: int, expected: int) -> Iterator[Finding]:
    tolerated = len(case.uncertain) * case.attempts
    if not expected - tolerated <= counted <= expected:
        text = f"{counted} are counted as {name}, and {expected} were seen"
        if tolerated:
            text += f", {tolerated} of them perhaps by nobody who could tell"
        yield case.finding(Fault.MISCOUNTED, text)
