"""plan_redrives decides which runs of one task may be made again now, for `redrive_runs`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from crontask_core.redrive import MAX_REDRIVES, Redrive
from crontask_history.row import RunRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a task stands, all of it as it was read, by execution ids of runs that failed.

    `asked` is what its annotation names, in the order in which it was asked for; `answered`
    are those of them that the operator has made again; `open` those of all runs in question
    that the history has without the mark that they were made again; `under_way` runs with an
    attempt in flight or still to come.
    """

    asked: tuple[Redrive, ...]
    answered: Collection[str]
    open: Collection[str]
    under_way: Collection[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """The annotation as it is to be, and of each run that is not in it, why."""

    asked: tuple[Redrive, ...]
    refusals: dict[str, str] = field(default_factory=dict)


def plan_redrives(standing: Standing, wanted: Sequence[RunRow]) -> Plan:
    """Return what to ask for, of the runs in `wanted`.

    An entry leaves the annotation at its front, when the operator has answered it and the
    history has its mark. So a run that failed is at every moment either open and not asked
    for, or asked for, or marked; and as entries come and go in one order, the annotation never
    says again what it said before, which is what the write of it is tested by.
    """
    asked = list(standing.asked)
    before = {redrive.execution_id for redrive in asked}
    refusals: dict[str, str] = {}
    for row in wanted:
        run = row.execution_id
        if run in before:
            refusals[run] = "it was asked for already"
        elif run not in standing.open:
            refusals[run] = "it was made again meanwhile, or is not kept any more"
        elif run in standing.under_way:
            refusals[run] = "a further attempt of it is under way"
        elif len(asked) == MAX_REDRIVES and not _may_leave(asked[0], standing):
            refusals[run] = (
                f"{MAX_REDRIVES} runs of the task were asked for that are not made again and in "
                "the history yet; ask for it later"
            )
        else:
            asked = [*asked[len(asked) == MAX_REDRIVES :], Redrive(run, row.scheduled_time)]
    return Plan(tuple(asked), refusals)


def _may_leave(redrive: Redrive, standing: Standing) -> bool:
    run = redrive.execution_id
    return run in standing.answered and run not in standing.open
