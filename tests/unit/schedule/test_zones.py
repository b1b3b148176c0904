"""Time zones by name."""

import os
import subprocess
import sys
from zoneinfo import available_timezones

import pytest

from crontask_core.errors import ScheduleError
from crontask_core.schedule.zones import load_zone
from crontask_core.truncate import quoted
from tests.unit.schedule.oracle import utc


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "Etc/GMT-2", "EST5EDT", "GB"])
def test_a_zone_is_known_by_its_name(name: str) -> None:
    assert load_zone(name).tzinfo.key == name


def test_a_zone_is_loaded_once() -> None:
    assert load_zone("Europe/Paris") is load_zone("Europe/Paris")


MISTAKES = {
    "Berlin": "; similar: Europe/Berlin",
    "new york": "; similar: America/New_York",
    "america/new_york": "; similar: America/New_York",
    "US/Pacfic": "; similar: US/Pacific",
    "UTC+2": ", where Etc/GMT-2 is two hours ahead of UTC",
    "+02:00": ", where Etc/GMT-2 is two hours ahead of UTC",
    "": ", such as Europe/Berlin",
    "Nowhere": ", such as Europe/Berlin",
    "America": ", such as Europe/Berlin",
    "../etc/localtime": ", such as Europe/Berlin",
    "/etc/localtime": ", such as Europe/Berlin",
    "Europe/Berlin\0": "; similar: Europe/Berlin",
    "x" * 300: ", such as Europe/Berlin",
    "Local": ", such as Europe/Berlin",
    "localtime": ", such as Europe/Berlin",
    "right/Europe/Berlin": "; similar: Europe/Berlin",
    "posix/Europe/Berlin": "; similar: Europe/Berlin",
}


@pytest.mark.parametrize(("name", "hint"), MISTAKES.items(), ids=lambda text: repr(text[:20]))
def test_an_unknown_name_is_told_with_similar_ones(name: str, hint: str) -> None:
    with pytest.raises(ScheduleError) as error:
        load_zone(name)

    assert error.value.field == "spec.timeZone"
    prefix = f"found {quoted(name)}, expected a name of the IANA database"
    assert error.value.message.startswith(prefix + hint)


def test_every_zone_of_the_database_can_be_used() -> None:
    machine_dependent = {"Factory", "localtime", "posixrules"}
    for name in available_timezones() - machine_dependent:
        assert abs(load_zone(name).offset(utc("2026-01-01")).total_seconds()) <= 14 * 3600


def test_without_a_system_database_the_package_s_is_used() -> None:
    program = (
        "import zoneinfo; from crontask_core.schedule.zones import load_zone;"
        "assert zoneinfo.TZPATH == (); load_zone('Europe/Berlin')"
    )
    environment = os.environ | {"PYTHONTZPATH": "", "PYTHONPATH": os.pathsep.join(sys.path)}

    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
