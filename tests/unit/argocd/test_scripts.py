"""What Argo CD makes of a CronTask, by its own form of test data and a real Lua interpreter."""

from typing import Any

import pytest
import yaml

from dev import generate_argocd
from tests.support.argocd import SCRIPTS, load, run_script

HEALTH: list[dict[str, Any]] = load("health_test.yaml")["tests"]
ACTIONS: dict[str, list[dict[str, Any]]] = load("actions/action_test.yaml")
ACTION_NAMES = {"run-now", "suspend", "resume"}


@pytest.mark.parametrize("case", HEALTH, ids=lambda case: case["inputPath"])
def test_the_health_of_a_task(case: dict[str, Any]) -> None:
    assert run_script("health.lua", load(case["inputPath"])) == case["healthStatus"]


def test_each_health_that_a_task_can_have_is_tested() -> None:
    found = {case["healthStatus"]["status"] for case in HEALTH}
    assert found == {"Healthy", "Progressing", "Degraded"}
    tested = {SCRIPTS / case["inputPath"] for case in HEALTH}
    assert tested == set((SCRIPTS / "testdata").iterdir())


def test_a_status_without_ready_is_judged_as_kstatus_judges_it() -> None:
    task = load("testdata/active.yaml")
    task["status"]["conditions"] = task["status"]["conditions"][:1]
    assert run_script("health.lua", task)["status"] == "Healthy"


def test_an_object_without_a_status_is_waited_for() -> None:
    task = load("testdata/active.yaml")
    del task["status"]
    assert run_script("health.lua", task)["status"] == "Progressing"


@pytest.mark.parametrize("case", ACTIONS["discoveryTests"], ids=lambda case: case["inputPath"])
def test_the_actions_that_a_task_has(case: dict[str, Any]) -> None:
    found = run_script("actions/discovery.lua", load(f"actions/{case['inputPath']}"))

    assert {name: {"name": name, **shown} for name, shown in found.items()} == {
        action["name"]: action for action in case["result"]
    }


@pytest.mark.parametrize(
    "case", ACTIONS["actionTests"], ids=lambda case: f"{case['action']} {case['inputPath']}"
)
def test_what_an_action_makes_of_a_task(case: dict[str, Any]) -> None:
    script = f"actions/{case['action']}/action.lua"

    changed = run_script(script, load(f"actions/{case['inputPath']}"))

    assert changed == load(f"actions/{case['expectedOutputPath']}")


def test_every_action_is_tested() -> None:
    assert {case["action"] for case in ACTIONS["actionTests"]} == ACTION_NAMES
    assert {path.parent.name for path in SCRIPTS.glob("actions/*/action.lua")} == ACTION_NAMES


def test_the_configuration_holds_the_scripts_as_they_are() -> None:
    text = generate_argocd.PATH.read_text(encoding="utf-8")
    assert text == generate_argocd.render(), "run python -m dev.generate_argocd"

    data = yaml.safe_load(text)["data"]
    health = data["resource.customizations.health.crontask.dev_CronTask"]
    actions = yaml.safe_load(data["resource.customizations.actions.crontask.dev_CronTask"])
    assert health == (SCRIPTS / "health.lua").read_text(encoding="utf-8")
    assert actions["discovery.lua"] == (SCRIPTS / "actions/discovery.lua").read_text("utf-8")
    assert {each["name"]: each["action.lua"] for each in actions["definitions"]} == {
        name: (SCRIPTS / f"actions/{name}/action.lua").read_text("utf-8") for name in ACTION_NAMES
    }
