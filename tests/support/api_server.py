"""What tests ask of the API server itself: its counts, and another CRD for a while."""

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Final

import httpx

from dev.control_plane import ControlPlane
from dev.crd import Schema
from tests.support.crontasks import CronTasks
from tests.support.wait import eventually_sync

_COUNT: Final = re.compile(r"apiserver_request_total\{([^}]*)\} (\S+)")
_LABEL: Final = re.compile(r'(\w+)="([^"]*)"')
READS: Final = ("GET", "LIST")


def reads(client: httpx.Client) -> Counter[str]:
    """Return how many reads the API server has answered so far, by resource."""
    counts: Counter[str] = Counter()
    text = client.get("/metrics").raise_for_status().text
    for labels, value in _COUNT.findall(text):
        of = dict(_LABEL.findall(labels))
        if of["verb"] in READS:
            counts[of["resource"]] += int(float(value))
    return counts


def apply_crd(
    control_plane: ControlPlane, crd: Schema, is_in_force: Callable[[CronTasks], bool]
) -> None:
    """Put `crd` in the place of the one that is there, and wait until it is in force.

    The API server goes on with the former one for a moment.
    """
    apply = ("apply", "--server-side", "--force-conflicts", "-f", "-")
    control_plane.kubectl(*apply, stdin=json.dumps(crd))
    with control_plane.client() as client:
        eventually_sync(
            lambda: is_in_force(CronTasks(client)), timeout=60, describe="the CRD's change"
        )
