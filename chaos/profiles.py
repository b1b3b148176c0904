"""profiles says how much of what a story holds, for the plan and for the play."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from chaos.script import TRAITS, Behaviour, Kind, Lane


@dataclass(frozen=True, slots=True)
class Profile:
    """A sort of stories."""

    name: str
    operators: int
    cast: tuple[tuple[Behaviour, int, int], ...]
    """Behaviour, period in seconds and number of tasks."""
    policies: tuple[str, ...] = ("All", "All", "Latest", "Skip")
    """Their ``missedRunPolicy``, in turn."""
    kinds: tuple[Kind, ...] = ()
    edit_seconds: float = 1.0
    """From one edit to the next, on average."""
    pause_seconds: tuple[float, float] = (4.0, 12.0)
    """From the end of a fault to the begin of the next of its lane."""
    sight_seconds: float = 6.0
    """Within this time an edit is followed when nothing is wrong, on a busy machine too."""
    sight_of_watch: bool = True
    """Whether that time counts from when a watch of the judge's own has shown the edit. An
    API server on a machine that is too busy shows it seconds after it has answered."""
    history_limit: int = 40
    """Records are looked for if there are as many as this: no outage lasts for longer."""
    lease_seconds: int = 8
    shards: int = 4
    settings: Mapping[str, str] = field(default_factory=dict)
    keeps_history: bool = False
    """Whether the operators keep a history, which then tells of attempts as well."""

    @property
    def lanes(self) -> dict[Lane, list[Kind]]:
        """The kinds of faults by lane."""
        return {
            lane: found
            for lane in Lane
            if (found := [kind for kind in self.kinds if TRAITS[kind].lane is lane])
        }


CAST: Final = (
    (Behaviour.PLAIN, 1, 6),
    (Behaviour.PLAIN, 2, 4),
    (Behaviour.PLAIN, 5, 4),
    (Behaviour.PLAIN, 15, 4),
    (Behaviour.PLAIN, 60, 2),
    (Behaviour.RETRIED, 10, 4),
    (Behaviour.FORBID, 2, 2),
    (Behaviour.REPLACE, 2, 2),
    (Behaviour.ONCE, 7, 4),
)
"""A dozen runs a second: what fails then fails for the faults, on a busy machine too."""

ANYTHING: Final = Profile(
    "anything", 3, CAST, kinds=tuple(kind for kind in Kind if kind is not Kind.ROLL)
)
"""Every kind of task and of fault."""

KEPT: Final = replace(ANYTHING, name="kept", keeps_history=True)
"""The same with a history: statuses sum up, and a successor reads both."""

ROLLING: Final = Profile(
    "rolling",
    2,
    ((Behaviour.PLAIN, 1, 96), (Behaviour.PLAIN, 5, 384)),
    policies=("All",),
    kinds=(Kind.ROLL,),
    edit_seconds=0.5,
    sight_seconds=2.0,
    sight_of_watch=False,
    history_limit=10,
    lease_seconds=15,
)
"""Rolling updates of a busy cluster: nothing may be lost or repeated, nobody is excused."""

ROLLING_IN_SHORT: Final = replace(
    ROLLING,
    name="rolling-in-short",
    cast=((Behaviour.PLAIN, 1, 24), (Behaviour.PLAIN, 5, 72)),
    edit_seconds=ANYTHING.edit_seconds,
    # An API server that starves shows edits half a minute late, and operators with it.
    sight_seconds=30.0,
    sight_of_watch=True,
)
"""The same beside other tests, on a machine that has little time for it."""

ROLLING_KEPT: Final = replace(ROLLING_IN_SHORT, name="rolling-kept", keeps_history=True)

ROLL_SECONDS: Final = 10.0
"""From one replacement to the next."""

_ALL: Final = (ANYTHING, KEPT, ROLLING, ROLLING_IN_SHORT, ROLLING_KEPT)

PROFILES: Final = {profile.name: profile for profile in _ALL}
