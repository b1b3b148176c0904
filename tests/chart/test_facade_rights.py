"""Every right that the chart grants the facade is needed: without it, a request fails."""

from pathlib import Path
from typing import Any

import pytest

from dev.readiness import loopback_client
from tests.chart.helm import Helm
from tests.chart.rights import Right, Scene, granted, release

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
        account = ("token", "crontask-facade", "-n", scene.namespace)
        token = scene.control_plane.kubectl("create", *account).strip()
        with loopback_client(facade.url) as client:
            client.headers["Authorization"] = f"Bearer {token}"
            answer = client.post("/crontab/query_task_status", json={"task_list": [ITEM]})
            assert right.is_refused_in(answer.text)


def test_every_right_has_its_story(helm: Helm) -> None:
    assert granted(helm, "facade") == {*FACADE_STORIES, *REVIEW_STORIES}
