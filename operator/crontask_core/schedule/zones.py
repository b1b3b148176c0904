"""zones finds time zones by name, for schedules."""

import re
from difflib import get_close_matches
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from crontask_core.errors import ScheduleError
from crontask_core.schedule.clock_changes import Zone
from crontask_core.truncate import quoted

_MACHINE_DEPENDENT: Final = frozenset({"Factory", "Local", "localtime", "posixrules"})
"""Names that mean another zone, or none, on each machine. Two replicas must agree."""

_VARIANTS: Final = ("posix/", "right/")
"""Folders of copies that some systems have beside the database and the package has not.
Those of ``right/`` count leap seconds, so their clock changes come that many seconds late."""

_LONGEST: Final = 64
"""Characters of ``spec.timeZone``; looking for names like a longer one takes for ever."""

_OFFSET: Final = re.compile(r"(?:UTC|GMT)?[+-][0-9:]+", re.IGNORECASE)


@cache
def load_zone(name: str) -> Zone:
    """Return the zone called `name` in the IANA database.

    The database is the system's, or else that of the ``tzdata`` package. A zone is
    loaded once in the life of a process.

    Raises
    ------
    ScheduleError
        If there is no such zone; the message names similar ones.
    """
    is_wanted = name not in _MACHINE_DEPENDENT and not name.startswith(_VARIANTS)
    if len(name) <= _LONGEST and is_wanted:
        try:
            return Zone(ZoneInfo(name))
        except (OSError, ValueError, KeyError):
            # There is no such file, or the name cannot be a file's.
            pass
    raise ScheduleError(
        "spec.timeZone", f"found {quoted(name)}, expected a name of the IANA database{_hint(name)}"
    )


def _hint(name: str) -> str:
    if _OFFSET.fullmatch(name):
        return ", where Etc/GMT-2 is two hours ahead of UTC"
    similar = _similar(name) if len(name) <= _LONGEST else []
    return f"; similar: {', '.join(similar)}" if similar else ", such as Europe/Berlin"


def _similar(name: str) -> list[str]:
    """Return up to three names: those of the same city first, then those spelled alike."""
    known = _known()
    wanted = name.lower().replace(" ", "_")
    same_city = [zone for zone in known if zone.rpartition("/")[2] == wanted.rpartition("/")[2]]
    alike = get_close_matches(wanted, known, n=3, cutoff=0.75)
    return [known[zone] for zone in dict.fromkeys(same_city + alike)][:3]


@cache
def _known() -> dict[str, str]:
    """Return the names to propose, by what they are in lower case; the system is asked once."""
    return {
        zone.lower(): zone
        for zone in sorted(available_timezones() - _MACHINE_DEPENDENT)
        if not zone.startswith("Etc/")
    }
