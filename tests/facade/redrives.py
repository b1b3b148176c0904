"""redrives asks for failed runs to be made again, and looks what came of it, for the tests."""

from typing import Any

from crontask_core.constants import REDRIVE_ANNOTATION
from crontask_core.redrive import parse_redrives
from tests.facade.client import Facade, Json
from tests.facade.objects import Objects


def redrive(facade: Facade, **options: Any) -> list[Json]:
    """Ask for failed runs to be made again; return the results."""
    envelope = facade.post("redrive_runs", {"dry_run": False, **options})
    assert (envelope["state"], envelope["msg"]) == (0, ""), envelope
    results: list[Json] = envelope["data"]["task_result"]
    return results


def asked_for(objects: Objects, name: str) -> list[str]:
    """Return the runs that the task is asked to make again."""
    annotations = objects.get(name)["metadata"].get("annotations", {})
    return [each.execution_id for each in parse_redrives(annotations.get(REDRIVE_ANNOTATION, ""))]


def errors(results: list[Json]) -> list[str]:
    """Return the begin of each error."""
    return [result["err"].split(",")[0].split(";")[0] for result in results]


def run_ids(*numbers: int) -> list[str]:
    """Return the execution ids of rows."""
    return [f"{number:032x}" for number in numbers]
