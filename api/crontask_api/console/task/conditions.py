"""shown_conditions tells in words how a task stands, as its status's conditions have it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from crontask_api.console.words.language import Language
from crontask_core.enums import Phase
from crontask_core.status import Condition

READY: Final = "Ready"
FOR_TOOLS: Final = frozenset({READY, "Stalled"})
"""For tools that know no CronTask: they repeat what the others and the phase say."""

TOLD: Final = frozenset({Phase.ACTIVE.value, Phase.SUSPENDED.value})
"""Reasons of the condition Ready of which no other condition tells."""

BAD: Final = frozenset(
    {("Accepted", "False"), ("Finished", Phase.FAILED.value), ("AheadOfClock", "True")}
)
"""Types, each with a status or a reason."""


@dataclass(frozen=True, slots=True)
class ShownCondition:
    """A condition of the task in words."""

    kind: str
    words: str
    message: str
    since: str


def shown_conditions(
    conditions: Iterable[Condition], language: Language, now: float
) -> list[ShownCondition]:
    """Return what is shown of `conditions`.

    Where a reason says all, it is said in the visitor's language; else the operator's message
    follows, which names a field, a target or a moment.
    """
    return [
        _shown(each, language, now)
        for each in conditions
        if each.type not in FOR_TOOLS
        or (each.type == READY and each.status == "True" and each.reason in TOLD)
    ]


def _shown(condition: Condition, language: Language, now: float) -> ShownCondition:
    kind, status, reason = condition.type, condition.status, condition.reason
    is_bad = not BAD.isdisjoint({(kind, status), (kind, reason)})
    words = language.known(f"condition.{kind}.{reason}", "")
    said = "" if words else condition.message
    return ShownCondition(
        "bad" if is_bad else "good",
        words or language.known(f"condition.{kind}.{status}", f"{kind}:"),
        said,
        language.since(condition.last_transition_time.timestamp(), now),
    )
