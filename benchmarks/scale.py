"""How much is measured: all of it, or enough to see in five minutes that all is well."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes and repetitions of every measure; times are in seconds."""

    name: str
    bursts: tuple[tuple[int, int], ...]
    """Tasks due at one instant, and how often that is repeated."""
    steady_sizes: tuple[int, ...]
    steady_trial: int
    steady_confirm: int
    """Seconds for which the largest size that passed its trial is run; 0 for not at all."""
    hanging: int
    others: int
    hang_seconds: int
    growth_sizes: tuple[int, ...]
    starts: int
    idle_size: int
    idle_seconds: float
    facade_tasks: int
    facade_rounds: int
    cli_tasks: int
    cli_rounds: int
    console_tasks: int
    console_rounds: int
    shards: tuple[int, int]
    """Tasks due at one instant for two processes, and how often."""
    take_over: tuple[int, int]
    """Tasks of every second whose owner ends, and how often it does in either way."""
    kept: tuple[int, int]
    """Tasks due at one instant with each store of the history, and how often."""
    kept_steady: tuple[int, ...]
    """Tasks of every second with a history, in ascending order. Like the next two it may be
    left out."""
    kept_beat: tuple[int, int]
    """Tasks that are due every ten seconds with a history, and for how long."""
    kept_crash: int
    """Tasks of a burst in whose middle the operator is killed."""
    kept_list: tuple[int, int]
    """Rows of the history that is listed, and how often each question is asked."""
    cronjobs: int
    """CronJobs due in one minute, if that peer is asked for."""


FULL: Final = Scale(
    name="full",
    bursts=((1000, 3), (5000, 2), (10000, 1)),
    steady_sizes=(400, 800),
    steady_trial=10,
    steady_confirm=120,
    hanging=2000,
    others=500,
    hang_seconds=20,
    growth_sizes=(1000, 2000, 5000, 10000, 20000),
    starts=1,
    idle_size=10000,
    idle_seconds=20,
    facade_tasks=1000,
    facade_rounds=3,
    cli_tasks=1000,
    cli_rounds=9,
    console_tasks=10000,
    console_rounds=40,
    shards=(1000, 2),
    take_over=(20, 2),
    kept=(5000, 1),
    kept_steady=(800, 1200, 1600, 2000),
    kept_beat=(10_000, 120),
    kept_crash=500,
    kept_list=(10_000_000, 100),
    cronjobs=1000,
)

QUICK: Final = Scale(
    name="quick",
    bursts=((500, 2),),
    steady_sizes=(200,),
    steady_trial=6,
    steady_confirm=0,
    hanging=200,
    others=50,
    hang_seconds=6,
    growth_sizes=(500, 1000),
    starts=1,
    idle_size=1000,
    idle_seconds=3,
    facade_tasks=300,
    facade_rounds=1,
    cli_tasks=300,
    cli_rounds=3,
    console_tasks=500,
    console_rounds=5,
    shards=(300, 1),
    take_over=(20, 1),
    kept=(500, 1),
    kept_steady=(),
    kept_beat=(0, 0),
    kept_crash=0,
    kept_list=(30_000, 10),
    cronjobs=100,
)
