"""Every right that the chart grants the facade is needed: without it, a request fails."""

import html
from pathlib import Path
from typing import Any

import pytest

from dev.control_plane import KubectlError
from dev.readiness import loopback_client
from tests.chart.helm import Helm
from tests.chart.rights import Right, Scene, granted, release
from tests.facade.test_console_login import log_in, mark_in
from tests.support.crontasks import task
from tests.support.wait import eventually_sync

ITEM: dict[str, Any] = {"name": "rights"}
NEW: dict[str, Any] = {
    "name": "rights",
    "enable": 1,
    "module": 1,
    "type": 2,
    "start_time": "0 0 1 1 *",
    "url": "http://127.0.0.1:1/ok",
    "method": "post",
}

FACADE_STORIES = {
    Right("create", "crontasks"): ("add_task", NEW),
    Right("get", "crontasks"): ("query_task_status", ITEM),
    Right("list", "crontasks"): ("query_task_status", {"name": "made by kubectl"}),
    Right("patch", "crontasks"): ("run_again_task", ITEM),
    Right("delete", "crontasks"): ("delete_task", ITEM),
}


@pytest.mark.parametrize("right", FACADE_STORIES, ids=str)
def test_the_facade_needs(right: Right, scene: Scene, helm: Helm, tmp_path: Path) -> None:
    endpoint, item = FACADE_STORIES[right]
    open_values = {"facade": {"auth": {"mode": "none"}}}
    with release(scene, helm, "facade", tmp_path, open_values, lost=right) as facade:
        facade.wait_until_ready("/readyz")
        with loopback_client(facade.url) as client:
            if right.verb != "create":
                client.post("/crontab/add_task", json={"task_list": [NEW]}).raise_for_status()
            answer = client.post(f"/crontab/{endpoint}", json={"task_list": [item]})
            assert right.is_refused_in(answer.text)


WATCH = Right("watch", "crontasks")


def test_the_console_needs_to_watch(scene: Scene, helm: Helm, tmp_path: Path) -> None:
    values = {"facade": {"auth": {"mode": "none"}}}
    with release(scene, helm, "facade", tmp_path, values, lost=WATCH) as facade:
        facade.wait_until_ready("/readyz")
        with loopback_client(facade.url) as client:
            eventually_sync(
                lambda: WATCH.is_refused_in(html.unescape(client.get("/console/").text))
            )


SHOWN_STORIES = {
    Right("list", "events"): "/console/tasks/{namespace}/made-by-kubectl",
    Right("list", "leases"): "/console/",
}


@pytest.mark.parametrize("right", sorted(SHOWN_STORIES), ids=str)
def test_the_console_needs_to_show(right: Right, scene: Scene, helm: Helm, tmp_path: Path) -> None:
    values = {"facade": {"auth": {"mode": "none"}}}
    scene.tasks.create(task(callback=scene.http()), "made-by-kubectl")
    path = SHOWN_STORIES[right].format(namespace=scene.namespace)
    with release(scene, helm, "facade", tmp_path, values, lost=right) as facade:
        facade.wait_until_ready("/readyz")
        with loopback_client(facade.url) as client:
            eventually_sync(lambda: right.is_refused_in(html.unescape(client.get(path).text)))


REVIEW_STORIES = {
    Right("create", "tokenreviews"),
    Right("create", "subjectaccessreviews"),
}


@pytest.mark.parametrize("right", sorted(REVIEW_STORIES), ids=str)
def test_the_facade_needs_for_kubernetes_authentication(
    right: Right, scene: Scene, helm: Helm, tmp_path: Path
) -> None:
    values = {"facade": {"auth": {"mode": "kubernetes"}}}
    with release(scene, helm, "facade", tmp_path, values, lost=right) as facade:
        facade.wait_until_ready("/readyz")
        with loopback_client(facade.url) as client:
            client.headers["Authorization"] = f"Bearer {_token(scene)}"
            answer = client.post("/crontab/query_task_status", json={"task_list": [ITEM]})
            assert right.is_refused_in(answer.text)


LOGOUTS = "crontask-facade-logouts"
KEPT_STORIES = {
    Right("get", "configmaps"): "/console/login",
    Right("patch", "configmaps"): "/console/logout/everywhere",
}


@pytest.mark.parametrize("right", sorted(KEPT_STORIES), ids=str)
def test_the_console_needs_to_keep_who_logged_out_everywhere(
    right: Right, scene: Scene, helm: Helm, tmp_path: Path
) -> None:
    values = {"facade": {"auth": {"mode": "kubernetes"}}}
    with release(scene, helm, "facade", tmp_path, values, lost=right) as facade:
        facade.wait_until_ready("/readyz")
        with loopback_client(facade.url) as client:
            answers = {"/console/login": log_in(client, _token(scene))}
            mark = mark_in(client.get("/console/login").text)
            path = "/console/logout/everywhere"
            answers[path] = client.post(path, data={"mark": mark})
            assert right.is_refused_in(html.unescape(answers[KEPT_STORIES[right]].text))


def test_the_console_ends_sessions_with_the_rights_of_the_chart_and_reads_no_other_configmap(
    scene: Scene, helm: Helm, tmp_path: Path
) -> None:
    values = {"facade": {"auth": {"mode": "kubernetes"}}}
    with release(scene, helm, "facade", tmp_path, values, lost=None) as facade:
        facade.wait_until_ready("/readyz")
        with loopback_client(facade.url) as here, loopback_client(facade.url) as there:
            for client in (here, there):
                assert log_in(client, _token(scene)).status_code == 303
                assert client.get("/console/").status_code == 200
            mark = mark_in(here.get("/console/").text)
            here.post("/console/logout/everywhere", data={"mark": mark})
            assert there.get("/console/").status_code == 303
        account = f"system:serviceaccount:{scene.namespace}:crontask-facade"
        who = ("-n", scene.namespace, "--as", account)
        ask = scene.control_plane.kubectl
        assert ask("auth", "can-i", "get", f"configmaps/{LOGOUTS}", *who).strip() == "yes"
        with pytest.raises(KubectlError):
            ask("auth", "can-i", "get", "configmaps/another", *who)


def _token(scene: Scene) -> str:
    account = ("token", "crontask-facade", "-n", scene.namespace)
    return scene.control_plane.kubectl("create", *account).strip()


def test_every_right_has_its_story(helm: Helm) -> None:
    assert granted(helm, "facade") == {
        *FACADE_STORIES,
        WATCH,
        *SHOWN_STORIES,
        *KEPT_STORIES,
        *REVIEW_STORIES,
    }
