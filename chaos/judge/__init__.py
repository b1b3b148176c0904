"""judge compares what a target received with what edits demanded and statuses tell.

It knows nothing of the operator but its promises: demand comes from the edits as the API
server acknowledged them, the rest is what arrived and what a watch has seen.
"""

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

from chaos.evidence import Account, Call, Evidence
from chaos.judge import accounts, attempts, delivery
from chaos.judge.bounds import Bounds
from chaos.judge.case import Case, clock
from chaos.judge.demand import demand
from chaos.judge.finding import SETTLING, Fault, Finding, Report
from chaos.script import Behaviour
from crontask_core.identity import manual_execution_id, scheduled_execution_id
from crontask_core.times import from_epoch

__all__ = ["SETTLING", "Fault", "Finding", "Report", "judge"]

COMPLETE_RECORDS = 40
"""With so many, a task of every second keeps a record until the watch has seen it."""


def judge(evidence: Evidence) -> Report:
    """Judge all tasks and all calls of one story."""
    bounds = Bounds(evidence.troubles, evidence.profile, evidence.progress)
    end = max([evidence.until, *(call.arrived for call in evidence.calls)]) + 1
    findings = [Finding(Fault.ENDED, "the operators", note) for note in evidence.notes]
    calls, strays = _by_uid(evidence)
    findings += strays
    due = made = given_up = repeated = excused = 0
    gap = 0.0
    for life in evidence.lives:
        account = evidence.accounts.get(life.uid, Account())
        if not evidence.profile.sight_of_watch:
            account = replace(account, gone=None)
        case = Case(
            life=life,
            demand=demand(life, bounds, evidence.until, end, account.gone),
            calls=tuple(calls.get(life.uid, ())),
            account=account,
            bounds=bounds,
            complete=evidence.profile.history_limit >= COMPLETE_RECORDS,
        )
        for rule in (delivery.find, attempts.find, accounts.find):
            findings.extend(rule(case))
        due += len(case.demand.required)
        made += len(case.demand.required) - len(case.absent)
        given_up += min(case.given_up, len(case.absent))
        again, forgiven = attempts.repetitions(case)
        repeated, excused = repeated + again, excused + forgiven
        gap = max(gap, _longest_gap(case, evidence.until))
    return Report(due, made, given_up, len(evidence.calls), repeated, excused, gap, tuple(findings))


def _by_uid(evidence: Evidence) -> tuple[dict[str, list[Call]], list[Finding]]:
    """Give each call to the object whose execution id it has."""
    lives: dict[str, list[str]] = defaultdict(list)
    manual: dict[str, str] = {}
    for life in evidence.lives:
        lives[life.plan.name].append(life.uid)
        manual |= {manual_execution_id(life.uid, value): life.uid for value in life.requests}
    calls: dict[str, list[Call]] = defaultdict(list)
    strays = []
    for call in sorted(evidence.calls, key=lambda call: call.arrived):
        moment = from_epoch(call.scheduled)
        uid = manual.get(call.execution_id) or next(
            (
                uid
                for uid in lives[call.task]
                if scheduled_execution_id(uid, moment) == call.execution_id
            ),
            None,
        )
        if uid is None:
            text = f"a call for {clock(call.scheduled)} came as {call.execution_id}"
            strays.append(Finding(Fault.FOREIGN_ID, call.task, text))
        else:
            calls[uid].append(call)
    return calls, strays


def _longest_gap(case: Case, until: float) -> float:
    plan = case.life.plan
    if plan.edited or plan.behaviour is not Behaviour.PLAIN or plan.period != 1:
        return 0.0
    arrivals = [call.arrived for call in case.scheduled if call.arrived <= until]
    return max((later - earlier for earlier, later in pairwise(arrivals)), default=0.0)
