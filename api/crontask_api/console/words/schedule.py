"""told_schedule says in a language when a task runs, for the pages."""

from functools import lru_cache
from typing import Final, Protocol

from crontask_api.console.words.chinese_schedule import Chinese
from crontask_api.console.words.english_schedule import English
from crontask_api.console.words.shape import Shape, shape_of
from crontask_core.errors import ScheduleError
from crontask_core.schedule.cron_parser import parse_cron
from crontask_core.schedule.every import parse_period

KEPT: Final = 4096
"""Schedules whose words are kept: those of the lists that people look at."""

LONGEST_EXPRESSION: Final = 200
"""Characters of an expression that is put into words; longer ones no person would read."""

_HASHED: Final = frozenset("Hh")


class Teller(Protocol):
    """A language."""

    def cron(self, shape: Shape, zone: str) -> str:
        """Return when `shape` fires, by the clock of `zone`."""

    def every(self, seconds: int) -> str:
        """Return the words for ``@every``."""

    def once(self, moment: str) -> str:
        """Return the words for a task that runs once, at a moment."""

    def first_of(self, told: str) -> str:
        """Return the words for a task that runs once, at the next match of a schedule."""


TELLERS: Final[dict[str, Teller]] = {"en": English(), "zh": Chinese()}


def told_schedule(
    language: str, expression: str, *, time_zone: str, seed: str, only_once: bool
) -> str:
    """Return when `expression` fires, in words; empty if there are none for it.

    `seed` is what ``H`` hashes, the uid of the task.
    """
    if not expression or len(expression) > LONGEST_EXPRESSION:
        return ""
    # Without an H all tasks with an expression share its words.
    seed = seed if _HASHED & set(expression) else ""
    told = _told(language, expression, time_zone, seed)
    return TELLERS[language].first_of(told) if told and only_once else told


@lru_cache(maxsize=KEPT)
def _told(language: str, expression: str, time_zone: str, seed: str) -> str:
    teller = TELLERS[language]
    keyword, *rest = expression.split(maxsplit=1) or [""]
    try:
        if keyword.lower() == "@every":
            return teller.every(int(parse_period("".join(rest).strip()).total_seconds()))
        return teller.cron(shape_of(parse_cron(expression, seed=seed)), time_zone)
    except ScheduleError:
        # What is wrong with it, a condition of the task says.
        return ""
