"""The console's pages of runs: from the history with the visitor's rights, or without it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from crontask_api.console.runs.reference import reference_of
from crontask_core.enums import RunType
from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.facade.client import plain_client
from tests.facade.cluster import create_reader
from tests.facade.kept import keep
from tests.facade.objects import Objects
from tests.facade.test_console_login import CONSOLE, log_in, mark_in
from tests.history.rows import failed, row, started
from tests.support.programs import run_facade
from tests.support.wait import eventually_sync


@pytest.fixture(scope="module")
def recorded(control_plane: ControlPlane, history_url: str) -> Iterator[Program]:
    """A facade with the console and a history."""
    settings = {**CONSOLE, "CRONTASK_API_HISTORY_URL": history_url}
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program


@pytest.fixture
def visitor(recorded: Program) -> Iterator[httpx.Client]:
    """A browser without scripts."""
    with plain_client(recorded.url) as client:
        yield client


def runs_on(page: str) -> list[str]:
    """Return the runs in the table of a page, by execution id and attempt."""
    return [each.lstrip("0") for each in re.findall(r'id="row-(\w+-\d+)"', page)]


def test_runs_of_deleted_tasks_are_found(
    visitor: httpx.Client, history_url: str, namespace: str
) -> None:
    keep(history_url, [row(1, namespace=namespace), failed(2, namespace=namespace, uid="u")])
    page = visitor.get(f"/console/runs?namespace={namespace}").text
    assert runs_on(page) == ["2-1", "1-1"]
    assert "expected status 200-299, got 503" in page

    run = visitor.get(f"/console/runs/{namespace}/u/{2:032x}")
    assert run.status_code == 200
    for part in ("定时改价", "busy", "{&#34;scope&#34;: &#34;all&#34;}", "UnexpectedStatus"):
        assert part in run.text
    for path in (f"{namespace}/other/{2:032x}", f"default/u/{2:032x}", f"{namespace}/u/{3:032x}"):
        assert visitor.get(f"/console/runs/{path}").status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        "status=Failed",
        "task=stock",
        "task=stock+of+today",
        "module=9",
        "run_type=CatchUp",
        "reason=UnexpectedStatus",
        "code=503",
        "text=BUSY",
        "begin=2026-03-10T12:00:50",
        "begin=2026-03-10T12:00:50Z&end=2026-03-10T13:00",
    ],
)
def test_filters(visitor: httpx.Client, history_url: str, namespace: str, asked: str) -> None:
    one = {"name": "stock", "task_name": "stock of today", "module": 9}
    rows = [
        failed(60, namespace=namespace, run_type=RunType.CATCH_UP, **one),
        row(1, namespace=namespace),
        started(3, namespace=namespace),
    ]
    keep(history_url, rows)
    page = visitor.get(f"/console/runs?namespace={namespace}&{asked}").text
    assert runs_on(page) == ["3c-1"]


def test_a_selection_is_made_again_without_scripts_too(
    visitor: httpx.Client, objects: Objects, history_url: str, namespace: str
) -> None:
    objects.create("prices", taskName="Prices")
    uid = objects.uid("prices")
    keep(history_url, [failed(at, namespace=namespace, uid=uid) for at in (1, 2)])
    listed = visitor.get(f"/console/runs?namespace={namespace}").text
    chosen = re.findall(r'name="run" value="([^"]+)"', listed)
    assert len(chosen) == 2
    form = {"mark": mark_in(listed), "run": chosen}
    asked = visitor.post("/console/runs/confirm", data=form).text
    assert "Make 2 runs again?" in asked
    assert re.findall(r'name="run" value="([^"]+)"', asked) == chosen[::-1]
    assert "2 runs asked for again" in visitor.post("/console/runs/do", data=form).text
    # Twice is once.
    assert "2 runs not made again" in visitor.post("/console/runs/do", data=form).text
    for mark in ("", "0" * 64):
        answer = visitor.post("/console/runs/do", data={"mark": mark, "run": chosen})
        assert answer.status_code == 403
    for run in ([], ["x"], [f"default/{chosen[0].split('/', 1)[1]}"], ["a/b/c/d"]):
        answer = visitor.post("/console/runs/do", data={**form, "run": run})
        assert answer.status_code == 422
        assert "Select at least one run" in answer.text
    many = visitor.post("/console/runs/do", data={**form, "run": chosen * 101})
    assert (many.status_code, "At most 200 runs" in many.text) == (422, True)


def test_pages_go_both_ways(visitor: httpx.Client, history_url: str, namespace: str) -> None:
    keep(history_url, [row(at, namespace=namespace) for at in range(120)])
    page = visitor.get(f"/console/runs?namespace={namespace}").text
    found = []
    for rel, count in (("next", 3), ("prev", 2)):
        for _ in range(count):
            found.append(runs_on(page))
            link = re.search(rf'<a rel="{rel}" href="([^"]+)"', page)
            if link is not None:
                page = visitor.get(link[1].replace("&amp;", "&")).text
    found.append(runs_on(page))
    assert [len(each) for each in found] == [50, 50, 20, 20, 50, 50]
    expected = [f"{at:x}-1".lstrip("0") for at in range(119, -1, -1)]
    assert [*found[0], *found[1], *found[2]] == expected
    assert (found[4], found[5]) == (found[1], found[0])


def test_a_task_shows_what_its_status_lost_and_falls_back_to_it(
    control_plane: ControlPlane,
    visitor: httpx.Client,
    objects: Objects,
    history_url: str,
    namespace: str,
    tmp_path: Path,
) -> None:
    objects.create("prices", taskName="Prices")
    record = {
        "executionId": f"{99:032x}",
        "runType": "Manual",
        "attempt": 1,
        "status": "Started",
        "scheduledTime": "2026-03-10T12:30:00Z",
        "beginTime": "2026-03-10T12:30:00Z",
    }
    objects.set_status("prices", phase="Active", runs=[record])
    uid = objects.uid("prices")
    keep(history_url, [row(at, namespace=namespace, uid=uid) for at in range(30)])
    # Those of a task of this name that was deleted are found among all runs.
    keep(history_url, [failed(at, namespace=namespace, uid="before") for at in range(40, 45)])
    path = f"/console/tasks/{namespace}/prices"
    eventually_sync(lambda: visitor.get(path).status_code == 200)

    page = visitor.get(path).text
    shown = re.findall(r'id="run-0*(\w+)"', page)
    assert shown == [f"{99:x}", *(f"{at:x}" for at in range(29, 10, -1))]
    (older,) = re.findall(r'<a rel="next" href="([^"]+)"', page)
    page = visitor.get(older.replace("&amp;", "&")).text
    assert re.findall(r'id="run-0*(\w+)"', page) == [f"{at:x}" for at in range(10, 0, -1)] + ["0"]
    assert "No run matches." in visitor.get(f"{path}?status=Failed").text
    assert re.findall(r'id="run-0*(\w+)"', visitor.get(f"{path}?status=Started").text) == ["63"]

    away = {**CONSOLE, "CRONTASK_API_HISTORY_URL": f"sqlite:///{tmp_path / 'nothing.db'}"}
    with (
        run_facade(control_plane, "default", settings=away) as program,
        plain_client(program.url) as client,
    ):
        eventually_sync(lambda: "Prices" in client.get("/console/runs").text)
        page = client.get(path).text
        assert "The history does not answer" in page
        assert "The last day is not known" in client.get("/console/").text
        assert re.findall(r'id="run-0*(\w+)"', page) == ["63"]
        listed = client.get(f"/console/runs?namespace={namespace}&text=x").text
        assert "The history does not answer" in listed
        assert "These filters are left out." in listed
        assert "Prices" in listed
        assert client.get(f"/console/runs/{namespace}/u/1").status_code == 503


def test_the_overview_tells_of_the_last_day(
    control_plane: ControlPlane,
    kube: httpx.Client,
    objects: Objects,
    history_url: str,
    namespace: str,
) -> None:
    objects.create("prices", taskName="Prices")
    now = datetime.now(UTC)
    moments = [now - timedelta(hours=hours, seconds=5) for hours in (0, 1, 30)]
    good, _, old = (
        row(number, namespace=namespace, scheduled_time=at, begin_time=at, end_time=at)
        for number, at in enumerate(moments)
    )
    bad = failed(9, namespace=namespace, scheduled_time=moments[1], begin_time=moments[1])
    keep(history_url, [good, replace(bad, end_time=now), old])
    # Of this namespace alone, so that nobody else's runs are counted.
    settings = {
        "CRONTASK_API_CONSOLE": "true",
        "CRONTASK_API_NAMESPACE": namespace,
        "CRONTASK_API_HISTORY_URL": history_url,
    }
    with (
        run_facade(control_plane, namespace, settings=settings) as program,
        plain_client(program.url) as client,
    ):
        eventually_sync(lambda: "The last day" in client.get("/console/").text)
        page = client.get("/console/").text
        assert "2 runs, 1 attempt failed, 0 retries" in page
        assert f'<a href="/console/tasks/{namespace}/prices">' in page
        assert "1\u00d7" in page


def test_without_a_history_it_says_what_one_would_take(
    control_plane: ControlPlane, objects: Objects, namespace: str
) -> None:
    objects.create("a", taskName="A task")
    with (
        run_facade(control_plane, "default", settings=CONSOLE) as program,
        plain_client(program.url) as client,
    ):
        page = client.get(f"/console/runs?namespace={namespace}").text
        assert "history.existingSecret" in page
        assert client.get(f"/console/runs/{namespace}/u/1").status_code == 404


def test_only_runs_of_namespaces_that_the_visitor_may_list(
    control_plane: ControlPlane, kube: httpx.Client, history_url: str, namespace: str
) -> None:
    other = f"{namespace}-other"
    create_reader(kube, namespace, "client")
    keep(history_url, [row(1, namespace=namespace), row(2, namespace=other)])
    Objects(kube, namespace).create("mine", taskName="Mine")
    token = control_plane.kubectl("create", "token", "client", "--namespace", namespace).strip()
    settings = {
        **CONSOLE,
        "CRONTASK_API_AUTH": "kubernetes",
        "CRONTASK_API_HISTORY_URL": history_url,
    }
    with (
        run_facade(control_plane, "default", settings=settings) as program,
        plain_client(program.url) as client,
    ):
        assert log_in(client, token).status_code == 303
        eventually_sync(lambda: runs_on(client.get("/console/runs").text) == ["1-1"])
        assert runs_on(client.get(f"/console/runs?namespace={other}").text) == []
        assert client.get(f"/console/runs/{other}/3f0a-uid/{2:032x}").status_code == 404
        assert client.get(f"/console/runs/{namespace}/3f0a-uid/{1:032x}").status_code == 200


def test_who_may_not_change_tasks_makes_no_run_again(
    control_plane: ControlPlane, kube: httpx.Client, history_url: str, namespace: str
) -> None:
    create_reader(kube, namespace, "client")
    Objects(kube, namespace).create("prices", taskName="Prices")
    uid = Objects(kube, namespace).uid("prices")
    other = f"{namespace}-other"
    mine, theirs = failed(1, namespace=namespace, uid=uid), failed(2, namespace=other)
    keep(history_url, [mine, theirs])
    token = control_plane.kubectl("create", "token", "client", "--namespace", namespace).strip()
    settings = {
        **CONSOLE,
        "CRONTASK_API_AUTH": "kubernetes",
        "CRONTASK_API_HISTORY_URL": history_url,
    }
    with (
        run_facade(control_plane, "default", settings=settings) as program,
        plain_client(program.url) as client,
    ):
        log_in(client, token)
        eventually_sync(lambda: runs_on(client.get("/console/runs").text) == ["1-1"])
        listed = client.get("/console/runs").text
        assert 'name="run"' not in listed
        form = {"mark": mark_in(listed), "run": reference_of(mine)}
        answer = client.post("/console/runs/do", data=form).text
        assert "1 run not made again" in answer
        assert "may not patch tasks of" in answer
        # What may not be seen is not there, whatever namespace is written before it.
        for run in (reference_of(theirs), reference_of(theirs).replace(other, namespace)):
            answer = client.post("/console/runs/do", data={**form, "run": run}).text
            assert "Select at least one run" in answer
    assert "annotations" not in Objects(kube, namespace).get("prices")["metadata"]
