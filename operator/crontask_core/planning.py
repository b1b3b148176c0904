"""planning decides what is due, missed and next, for the engine; it is pure.

Time runs to the right; ``(`` is the reference, ``|`` is now::

    reference                      now-deadline        now-LATE    now
    (----x-----x-----x-----x-----x------[--x-----x------[---x--x----|----x
          missed for good                  catch-up         due       next

A moment that is reached within `LATE_SECONDS` is simply due: a busy owner or a quick
hand-over loses nothing. An older one was missed, and `missedRunPolicy` decides.
"""

import hashlib
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from crontask_core.constants import LATE_SECONDS, MAX_CATCH_UP_RUNS
from crontask_core.enums import MissedRunPolicy, RunType
from crontask_core.schedule import Schedule
from crontask_core.spec import CronTaskSpec
from crontask_core.status import Plan
from crontask_core.times import rfc3339

_STEP = timedelta(milliseconds=1)
"""Far less than two moments of a schedule are apart."""

_LATE = timedelta(seconds=LATE_SECONDS)


@dataclass(frozen=True, slots=True)
class DueRun:
    """A run to fire now."""

    scheduled_time: datetime
    run_type: RunType


@dataclass(frozen=True, slots=True)
class Due:
    """What a pass over one task decided.

    `watermark` is the last moment that was dealt with, fired or not; None if there was
    none. `next_run` is the first moment after now; None if there is none. `missed`
    counts moments given up, at most `MAX_CATCH_UP_RUNS` in one pass. `expired` says
    that the only moment of a one-shot task was given up.
    """

    runs: tuple[DueRun, ...] = ()
    missed: int = 0
    watermark: datetime | None = None
    next_run: datetime | None = None
    expired: bool = False


def fingerprint(spec: CronTaskSpec) -> str:
    """Return a short text that changes when another set of moments is meant."""
    at = rfc3339(spec.at) if spec.at else ""
    parts = (
        spec.schedule or "",
        at,
        spec.time_zone,
        spec.dst.gap,
        spec.dst.overlap,
        "once" if spec.is_one_shot else "",
    )
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()


def next_plan(
    spec: CronTaskSpec, previous: Plan | None, *, created: datetime, now: datetime
) -> Plan:
    """Return the plan in force for `spec`; `previous` itself if nothing changed.

    A first plan counts from the object's creation, so that what fell due while no
    operator ran is missed rather than forgotten. A changed schedule counts from `now`.
    """
    current = fingerprint(spec)
    if previous is None:
        return Plan(fingerprint=current, since=created, suspended=spec.suspend)
    if previous.fingerprint != current:
        return Plan(fingerprint=current, since=now, suspended=spec.suspend)
    if previous.suspended == spec.suspend:
        return previous
    return Plan(
        fingerprint=current,
        since=previous.since,
        suspended=spec.suspend,
        resumed_time=previous.resumed_time if spec.suspend else now,
    )


def due_runs(
    spec: CronTaskSpec,
    schedule: Schedule,
    plan: Plan,
    watermark: datetime | None,
    now: datetime,
    *,
    made: Set[datetime] = frozenset(),
) -> Due:
    """Decide about every moment up to `now` that is later than the reference.

    Those whose runs were `made` already are neither due nor missed.

    The reference is the latest of the watermark, the plan's start and the last
    resumption. The caller has made sure that the task is neither suspended nor a
    finished one-shot.
    """
    if spec.at is not None:
        return _due_once(spec, spec.at, plan, now)
    reference = max(filter(None, (plan.since, plan.resumed_time, watermark)))
    upcoming = schedule.next(reference)
    if upcoming is None or upcoming > now:
        return Due(next_run=upcoming)
    following = schedule.next(upcoming)
    moments = [upcoming]
    if following is not None and following <= now:
        moments = _latest_moments(schedule, reference, now)
        following = schedule.next(moments[-1])
    reached = moments[-1]
    if made:
        moments = [moment for moment in moments if moment not in made]
        if not moments:
            return Due(watermark=reached, next_run=following)
    due = _apply_policy(spec, moments, now)
    if spec.is_one_shot and due.runs:
        return Due(runs=due.runs[-1:], missed=due.missed, watermark=reached)
    return Due(
        runs=due.runs,
        missed=due.missed,
        watermark=reached,
        next_run=following,
    )


def _due_once(spec: CronTaskSpec, at: datetime, plan: Plan, now: datetime) -> Due:
    if at > now:
        return Due(next_run=at)
    if at <= plan.since:
        # The moment was past when it was set: whoever set it wants the run now.
        return Due(runs=(DueRun(at, RunType.SCHEDULED),), watermark=at)
    if plan.resumed_time is not None and at <= plan.resumed_time:
        return Due(missed=1, watermark=at, expired=True)
    due = _apply_policy(spec, [at], now)
    return Due(runs=due.runs, missed=due.missed, watermark=at, expired=not due.runs)


def _apply_policy(spec: CronTaskSpec, moments: list[datetime], now: datetime) -> Due:
    if len(moments) == 1 and now - moments[0] <= _LATE:
        # Nearly always, and asked once for every run.
        return Due(runs=(DueRun(moments[0], RunType.SCHEDULED),))
    on_time = [DueRun(moment, RunType.SCHEDULED) for moment in moments if now - moment <= _LATE]
    late = moments[: len(moments) - len(on_time)]
    deadline = now - timedelta(seconds=spec.starting_deadline_seconds)
    eligible = [moment for moment in late if moment >= deadline]
    match spec.missed_run_policy:
        case MissedRunPolicy.SKIP:
            eligible = []
        case MissedRunPolicy.LATEST:
            # A run that is due now is later than any missed one.
            eligible = [] if on_time else eligible[-1:]
        case MissedRunPolicy.ALL:
            pass
    catch_up = [DueRun(moment, RunType.CATCH_UP) for moment in eligible]
    return Due(runs=(*catch_up, *on_time), missed=len(late) - len(catch_up))


def _latest_moments(schedule: Schedule, after: datetime, now: datetime) -> list[datetime]:
    """Return the latest moments in ``(after, now]``, ascending, at most the bound.

    A task of every second that nobody served for a week has 600,000 of them. So a window
    is widened backwards from now until it holds more than the bound, and then halved in
    on; each step costs at most the bound's number of `next` calls.
    """
    bound = MAX_CATCH_UP_RUNS

    def window(width: timedelta) -> list[datetime]:
        return list(islice(_walk(schedule, max(after, now - width), now), bound + 1))

    moments = window(now - after)
    if len(moments) <= bound:
        return moments
    fits, exceeds = timedelta(0), timedelta(seconds=1)
    latest: list[datetime] = []
    while len(moments := window(exceeds)) <= bound:
        latest, fits, exceeds = moments, exceeds, 2 * exceeds
    while len(latest) < bound and exceeds - fits > _STEP:
        middle = (fits + exceeds) / 2
        if len(moments := window(middle)) <= bound:
            latest, fits = moments, middle
        else:
            exceeds = middle
    return latest


def _walk(schedule: Schedule, after: datetime, now: datetime) -> Iterator[datetime]:
    moment = schedule.next(after)
    while moment is not None and moment <= now:
        yield moment
        moment = schedule.next(moment)
