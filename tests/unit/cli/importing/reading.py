"""Reads a text as a file of a format, for the tests."""

import json
from pathlib import Path
from typing import Any

from crontask_cli.importing.formats import Source, reader
from crontask_cli.importing.found import Draft, Hints, Refused, named

SAMPLES = Path(__file__).parents[4] / "examples" / "import"
ARN = "arn:aws:lambda:eu-central-1:111122223333:function:refresh"
CRONJOB = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "a"}}


def cronjob(container: dict[str, Any], **spec: Any) -> str:
    """Return a CronJob with one container."""
    template = {"spec": {"containers": [container]}}
    job = {"jobTemplate": {"spec": {"template": template}}}
    return json.dumps({**CRONJOB, "spec": {"schedule": "@daily", **job, **spec}})


def read(source: Source, content: str | bytes, **hints: Any) -> list[Draft | Refused]:
    """Return what a file called ``file`` with `content` has."""
    data = content.encode() if isinstance(content, str) else content
    return list(reader(source)("file", data, Hints(**hints)))


def one(source: Source, content: str | bytes, **hints: Any) -> Draft:
    """Return the only task of a file."""
    (found,) = read(source, content, **hints)
    assert isinstance(found, Draft), found
    return found


def reason(source: Source, content: str | bytes, **hints: Any) -> str:
    """Return why the only item of a file is left out."""
    (found,) = read(source, content, **hints)
    assert isinstance(found, Refused), found
    return found.reason


def manifests(source: Source, content: str | bytes, **hints: Any) -> list[dict[str, Any]]:
    """Return the CronTasks of a file."""
    items = named(iter(read(source, content, **hints)))
    return [item.manifest(name) for item, name in items if isinstance(item, Draft)]
