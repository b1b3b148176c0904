"""When the API server refuses: RBAC, quota, admission policy. All real."""

import itertools
from collections.abc import Iterator

import httpx
import pytest

from dev.control_plane import ControlPlane
from tests.facade.client import Facade, item
from tests.facade.cluster import CORE, create, create_reader
from tests.facade.objects import Objects
from tests.support.programs import run_facade
from tests.support.wait import eventually_sync

ADMISSION = "/apis/admissionregistration.k8s.io/v1"


@pytest.fixture(scope="module")
def reader_url(control_plane: ControlPlane, kube: httpx.Client) -> Iterator[str]:
    """A facade whose ServiceAccount may read CronTasks, but nothing else."""
    space = "facade-reader"
    create(kube, CORE, {"metadata": {"name": space}})
    create_reader(kube, space, "reader")
    kubeconfig = control_plane.service_account_kubeconfig(space, "reader")
    with run_facade(control_plane, space, kubeconfig=kubeconfig) as program:
        yield program.url


def test_rbac_refuses_what_the_facade_may_not_do(reader_url: str, kube: httpx.Client) -> None:
    Objects(kube, "facade-reader").create("task")

    with Facade(reader_url, "facade-reader") as facade:
        assert facade.get_one(task_id="task")["name"] == "task"
        for endpoint, body in (
            ("add_task", item()),
            ("update_task", {"task_id": "task", "module": 3}),
            ("run_again_task", {"task_id": "task"}),
            ("delete_task", {"task_id": "task"}),
        ):
            answer = facade.post(endpoint, {"task_list": [body]})
            assert answer["state"] == -1
            assert "forbidden" in answer["msg"]
            assert answer["data"]["task_result"][0]["code"] == -1


def test_a_quota_refuses_what_goes_beyond_it(
    facade: Facade, kube: httpx.Client, namespace: str
) -> None:
    facade.add(item(name="before"))
    count = "count/crontasks.crontask.dev"
    path = f"{CORE}/{namespace}/resourcequotas"
    create(kube, path, {"metadata": {"name": "few"}, "spec": {"hard": {count: "1"}}})
    # No quota controller runs here, so its part of the status is written for it.
    status = {"hard": {count: "1"}, "used": {count: "1"}}
    kube.patch(
        f"{path}/few/status",
        json={"status": status},
        headers={"Content-Type": "application/merge-patch+json"},
    ).raise_for_status()

    answer = facade.post("add_task", {"task_list": [item(name="after"), item(name="x", type=9)]})

    refused, wrong = answer["data"]["task_result"]
    assert answer["state"] == 0
    assert (refused["code"], "quota" in refused["err"]) == (-1, True)
    assert wrong["code"] == 2


def test_an_admission_policy_refuses_with_its_own_words(
    facade: Facade, kube: httpx.Client, namespace: str
) -> None:
    words = "modules above 100 belong to another team"
    create(
        kube,
        f"{ADMISSION}/validatingadmissionpolicies",
        {
            "metadata": {"name": namespace},
            "spec": {
                "matchConstraints": {
                    "resourceRules": [
                        {
                            "apiGroups": ["crontask.dev"],
                            "apiVersions": ["v1"],
                            "operations": ["CREATE", "UPDATE"],
                            "resources": ["crontasks"],
                        }
                    ]
                },
                "validations": [{"expression": "object.spec.module <= 100", "message": words}],
            },
        },
    )
    create(
        kube,
        f"{ADMISSION}/validatingadmissionpolicybindings",
        {
            "metadata": {"name": namespace},
            "spec": {
                "policyName": namespace,
                "validationActions": ["Deny"],
                "matchResources": {
                    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
                },
            },
        },
    )
    try:
        own_id = facade.add_one(module=1)
        # The policy takes a moment to come into force.
        modules = itertools.count(103)
        eventually_sync(
            lambda: facade.results("update_task", {"task_id": own_id, "module": next(modules)})[0][
                "err"
            ]
        )

        (updated,) = facade.results("update_task", {"task_id": own_id, "module": 102})
        added, fine = facade.add(item(name="x", module=101), item(name="y"))

        assert (updated["code"], words in updated["err"]) == (1, True)
        assert (added["code"], words in added["err"]) == (1, True)
        assert fine["err"] == ""
    finally:
        for kind in ("validatingadmissionpolicybindings", "validatingadmissionpolicies"):
            kube.delete(f"{ADMISSION}/{kind}/{namespace}").raise_for_status()
