"""Whoever runs the operator and the facade here has the chart's rights, not all of them."""

import json
from pathlib import Path

import pytest

from dev.control_plane import ControlPlane
from dev.ports import free_port
from dev.processes import Child
from dev.programs import Program
from dev.stack import run_stack
from tests.support.programs import run_facade, run_operator

ADMINISTRATOR = "system:masters"


def identity_of(program: Program, control_plane: ControlPlane) -> tuple[str, list[str]]:
    """Return who a running program is to the API server, by name and groups."""
    kubeconfig = environment_of(program.child)["KUBECONFIG"]
    asked = ("auth", "whoami", "-o", "json", "--kubeconfig", kubeconfig)
    user = json.loads(control_plane.kubectl(*asked))["status"]["userInfo"]
    return user["username"], user["groups"]


def environment_of(child: Child) -> dict[str, str]:
    """Return the environment that a running process was given."""
    entries = Path(f"/proc/{child.pid}/environ").read_text().rstrip("\0").split("\0")
    return dict(entry.split("=", 1) for entry in entries)


def test_make_dev_runs_with_the_rights_of_the_chart(tmp_path: Path) -> None:
    ports = {"api_port": free_port(), "echo_port": free_port()}
    with run_stack(logs=tmp_path, report=lambda _: None, **ports) as stack:
        for component, program in (("operator", stack.operator), ("facade", stack.facade)):
            name, groups = identity_of(program, stack.control_plane)
            assert name == f"system:serviceaccount:default:crontask-default-{component}"
            assert ADMINISTRATOR not in groups


def test_the_tests_run_with_the_rights_of_the_chart(
    control_plane: ControlPlane, namespace: str
) -> None:
    with run_operator(control_plane, namespace) as operator:
        name, groups = identity_of(operator, control_plane)
    assert name == f"system:serviceaccount:{namespace}:crontask-{namespace}-operator"
    assert ADMINISTRATOR not in groups


@pytest.mark.parametrize(("allowed", "release"), [("", ""), ("*", "-everywhere")])
def test_so_do_those_of_the_facade(
    control_plane: ControlPlane, namespace: str, allowed: str, release: str
) -> None:
    settings = {"CRONTASK_API_ALLOWED_NAMESPACES": allowed}
    with run_facade(control_plane, namespace, settings=settings) as facade:
        name, groups = identity_of(facade, control_plane)
    assert name == f"system:serviceaccount:{namespace}:crontask-{namespace}{release}-facade"
    assert ADMINISTRATOR not in groups
