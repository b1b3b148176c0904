"""What the library kstatus of the Kubernetes project makes of objects."""

import json
import subprocess
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from dev import tools


class Judgement(NamedTuple):
    """What a tool is told of an object: Current, InProgress, Failed or Terminating, and why."""

    status: str
    message: str


def judge(objects: Iterable[Mapping[str, Any]]) -> dict[str, Judgement]:
    """Return what kstatus says of each object, by name."""
    items = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    result = subprocess.run(
        [tools.ensure("kstatus")],
        input=json.dumps(items),
        capture_output=True,
        text=True,
        check=True,
    )
    lines = (line.split("\t", 2) for line in result.stdout.splitlines())
    return {name: Judgement(status, message) for name, status, message in lines}
