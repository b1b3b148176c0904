"""Commands that make a task once more: a shell reads them as they are meant."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from crontask_api.console.task.commands import curl_of, kubectl_of
from crontask_api.console.task.definition import yaml_of
from crontask_api.mapping.task import to_manifest
from crontask_api.schemas.items import AddItem
from crontask_api.schemas.parsing import parse_item
from tests.unit.console.tasks import NOW, task

EVIL = 'it\'s $(touch owned) `x` "q" \\ \u202e\nEND_OF_TASK\n每日'

SPY = """#!/bin/sh
printf '%s\\n' "$@" > args
cat > input
"""


def _run(command: str, program: str, folder: Path) -> tuple[list[str], str]:
    """Return what `program` gets when a shell runs `command`."""
    spy = folder / program
    spy.write_text(SPY)
    spy.chmod(0o755)
    environment = {"PATH": f"{folder}:/usr/bin:/bin", "TOKEN": "s3cret"}
    subprocess.run(["sh", "-c", command], cwd=folder, env=environment, check=True)
    assert not (folder / "owned").exists()
    return (folder / "args").read_text().splitlines(), (folder / "input").read_text()


@pytest.mark.parametrize("text", ["plain", EVIL])
def test_kubectl_gets_the_manifest(text: str, tmp_path: Path) -> None:
    found = task(taskName="Prices", callback={"http": {"url": "http://x/", "body": text}})
    arguments, given = _run(kubectl_of(yaml_of(found, shows_headers=True)), "kubectl", tmp_path)
    assert arguments == ["apply", "-f", "-"]
    assert yaml.safe_load(given)["spec"] == found.spec


@pytest.mark.parametrize("text", ["plain", EVIL])
def test_curl_sends_what_makes_such_a_task(text: str, tmp_path: Path) -> None:
    callback: dict[str, Any] = {
        "http": {"url": "http://x.example/", "method": "POST", "body": text}
    }
    found = task(taskName="Prices", callback=callback)
    spec = found.typed_spec()
    command = curl_of(found, spec, "https://cron.example/", takes_tokens=True)
    arguments, given = _run(command, "curl", tmp_path)
    assert arguments[0] == "https://cron.example/crontab/add_task"
    assert arguments[2::2] == [
        "Authorization: Bearer s3cret",
        "Content-Type: application/json",
        f"X-CronTask-Namespace: {found.metadata.namespace}",
        "@-",
    ]
    (item,) = json.loads(given)["task_list"]
    made = to_manifest(parse_item(AddItem, item), time_zone="UTC", now=NOW)["spec"]
    # Six fields, as add_task reads them.
    assert (made["taskName"], made["schedule"]) == ("Prices", f"0 {found.spec['schedule']}")
    assert made["callback"]["http"]["body"] == text
    assert "Bearer" not in curl_of(found, spec, "http://x", takes_tokens=False)
