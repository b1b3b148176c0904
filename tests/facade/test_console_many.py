"""The console with ten thousand tasks: all are there, found and paged, and a page stays small."""

import asyncio
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from benchmarks.api import Api
from dev.control_plane import ControlPlane
from tests.facade.client import plain_client
from tests.support.crontasks import manifest
from tests.support.programs import run_facade
from tests.support.wait import eventually_sync

COUNT = 10_000
MOST_BYTES = 60_000
"""Of a page of the list, compressed."""


@pytest.fixture(scope="module")
def crowd() -> Iterator[ControlPlane]:
    """A control plane of its own with ten thousand tasks, for which nobody else waits."""
    with ControlPlane() as running:
        running.install_crds()
        asyncio.run(_create_all(running))
        yield running


async def _create_all(control_plane: ControlPlane) -> None:
    async with Api(control_plane.server, control_plane.tls()) as api:
        await api.create("default", (_task(number) for number in range(COUNT)))


@pytest.fixture(scope="module")
def visitor(crowd: ControlPlane) -> Iterator[httpx.Client]:
    """A browser without scripts, when all tasks are in view."""
    with (
        run_facade(crowd, "default", settings={"CRONTASK_API_CONSOLE": "true"}) as program,
        plain_client(program.url) as client,
    ):
        eventually_sync(lambda: "<strong>10,000 tasks</strong>" in client.get(LIST).text, 60)
        yield client


LIST = "/console/tasks"


def test_all_are_found_paged_and_counted(visitor: httpx.Client) -> None:
    with visitor.stream("GET", LIST, headers={"Accept-Encoding": "gzip"}) as answer:
        assert sum(map(len, answer.iter_raw())) <= MOST_BYTES
    for number in (1, 4321, 9999):
        page = visitor.get(f"{LIST}?text=report-{number:05}-x").text
        assert "<strong>1 task</strong>" in page
        assert f"report-{number:05}-x" in page

    # The last page is as near as the first, from either end.
    page = visitor.get(f"{LIST}?turned=1").text
    assert re.findall(r"report-\d{5}", page)[0] == "report-09999"
    (older,) = re.findall(r'rel="next" href="([^"]+)"', page)
    page = visitor.get(unescape(older)).text
    assert "report-09949-x" in page
    assert "100 / 10,000" in page

    assert ">10,000</a>" in visitor.get("/console/").text


def test_everything_that_matches_is_asked_back_for_by_its_number(visitor: httpx.Client) -> None:
    page = visitor.get(f"{LIST}?text=report").text
    (mark, *_) = re.findall(r'name="mark" value="(\w+)"', page)
    form = {"mark": mark, "action": "pause", "all": "1", "text": "report"}
    assert "Pause 10,000 tasks?" in visitor.post("/console/tasks/confirm", data=form).text


def _task(number: int) -> dict[str, Any]:
    name = f"report-{number:05}-x"
    spec = {
        "taskName": name,
        "module": 1,
        "schedule": f"0 {number % 60} * * * *",
        "callback": {"http": {"url": f"http://127.0.0.1:1/{number}", "method": "POST"}},
    }
    return manifest(spec, name)
