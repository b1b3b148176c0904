"""Tasks are backed up, deleted and restored as docs/how-to/backup.md says, word by word."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.echo import EchoServer
from tests.documents.playing import run, shell_of
from tests.support.crontasks import CronTasks, task
from tests.support.documents import ROOT, Block, blocks_of
from tests.support.programs import run_operator
from tests.support.wait import eventually_sync

PAGE = ROOT / "docs" / "how-to" / "backup.md"
NEVER_SOON = "0 0 29 2 *"
ASKED = ("crontask.dev/run-requested-at", "crontask.dev/redrive-requested")


def parts() -> tuple[list[Block], list[Block]]:
    """Return what the page says to do before the operator is stopped, and until it is started.

    The Deployment is that of the chart; here the operator is a process, and the test stops it.
    """
    blocks = blocks_of(PAGE)
    assert [(block.kind, block.reason) for block in blocks] == [("sh", "")] * len(blocks)
    scaled = [number for number, block in enumerate(blocks) if " scale " in block.text]
    stop, start = scaled
    assert "--replicas=0" in blocks[stop].text
    assert "--replicas=1" in blocks[start].text
    assert start == len(blocks) - 1
    return blocks[:stop], blocks[stop + 1 : start]


def kept(whole: dict[str, Any]) -> dict[str, Any]:
    """Return what a restored status has of the one before, all but what is of the object."""
    of_the_object = ("observedGeneration", "conditions")
    return {name: value for name, value in whole.items() if name not in of_the_object}


@pytest.fixture
def tasks(kube: httpx.Client, namespace: str) -> CronTasks:
    """The tasks of the test's namespace, for an administrator."""
    return CronTasks(kube, namespace)


def test_the_restored_tasks_go_on(
    control_plane: ControlPlane,
    namespace: str,
    tasks: CronTasks,
    echo: EchoServer,
    checkout: Path,
    tmp_path: Path,
) -> None:
    shell = shell_of(control_plane.kubeconfig, namespace, tmp_path)
    before_the_stop, restore = parts()
    spec = task(schedule=NEVER_SOON, callback={"http": {"url": f"{echo.url}/report"}})
    tasks.create(spec, "report").raise_for_status()
    with run_operator(control_plane, namespace):
        tasks.request_run("once", "report")
        eventually_sync(lambda: tasks.runs("report") == ["Manual 1 Succeeded"])
        redrive = {"crontask.dev/redrive-requested": "1"}
        tasks.merge({"metadata": {"annotations": redrive}}, "report").raise_for_status()
        for block in before_the_stop:
            run(block, checkout, shell)
    saved = json.loads((checkout / "tasks-with-status.json").read_text())
    before = {item["metadata"]["name"]: item["status"] for item in saved["items"]}
    tasks.delete_all()

    for block in restore:
        run(block, checkout, shell)

    restored = {item["metadata"]["name"]: item for item in tasks.all()}
    assert {name: item["status"] for name, item in restored.items()} == before
    assert set(before) == {"report", "hello"}
    for item in restored.values():
        assert not set(ASKED) & set(item["metadata"].get("annotations", {}))
    # The page's own task calls a cluster that is not here.
    tasks.delete("hello")
    tasks.merge({"spec": {"module": 7}}, "report").raise_for_status()
    with run_operator(control_plane, namespace):
        generation = tasks.get("report")["metadata"]["generation"]
        eventually_sync(lambda: tasks.status("report").get("observedGeneration") == generation)
        assert kept(tasks.status("report")) == kept(before["report"])
        tasks.request_run("again", "report")
        eventually_sync(lambda: tasks.runs("report") == ["Manual 1 Succeeded"] * 2)
        assert tasks.status("report")["counters"]["succeeded"] == 2
    assert len(echo.received_on("/report")) == 2
