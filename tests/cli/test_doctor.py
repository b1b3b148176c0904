"""``doctor`` and completion: what is wrong, and what a shell proposes."""

import json
import subprocess
from pathlib import Path

import httpx

from dev import tools
from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.support.cli import Crontask, plain_user
from tests.support.crontasks import CronTasks, task
from tests.support.wait import eventually_sync


def found(crontask: Crontask) -> tuple[int, dict[str, dict[str, str]]]:
    done = crontask.run("doctor", "-o", "json")
    return done.status, {each["check"]: each for each in json.loads(done.stdout)}


def test_all_is_well(anybody: Crontask, tasks: CronTasks, operator: Program) -> None:
    del operator
    tasks.create(task(), "a").raise_for_status()
    eventually_sync(lambda: tasks.status("a").get("phase"), timeout=60)

    status, checks = found(anybody)
    assert status == 0
    assert checks["operator"]["found"] == "it has seen all 1 tasks, and none is overdue"
    assert checks["clock"]["verdict"] == checks["your rights"]["verdict"] == "ok"


def test_an_administrator_sees_leases_and_replicas(
    control_plane: ControlPlane, operator: Program
) -> None:
    del operator
    _, checks = found(Crontask(control_plane.kubeconfig))
    # Those of former tests' operators are there as well, and may be held no longer.
    assert "leases" in checks
    assert checks["replicas"]["found"].split()[0].isdecimal()


def test_nobody_runs_the_tasks(anybody: Crontask, tasks: CronTasks) -> None:
    tasks.create(task(), "late").raise_for_status()
    status = {"phase": "Active", "nextRunTime": "2026-03-01T00:00:00Z"}
    tasks.merge_status(status, "late").raise_for_status()

    done = anybody.run("doctor")
    assert (done.status, done.stderr) == (4, "")
    bad, advice = (
        line for line in done.stdout.splitlines() if line.startswith("bad") or "->" in line
    )
    assert bad.startswith("bad ")
    assert "runs are overdue of late" in bad
    assert "look at the operator's pods" in advice


def test_rights_that_lack_are_told(
    control_plane: ControlPlane, kube: httpx.Client, namespace: str
) -> None:
    kubeconfig = plain_user(control_plane, kube, namespace, ("get",), "blind")
    status, checks = found(Crontask(kubeconfig, ("-n", namespace)))

    assert status == 4
    assert "list (list, top, logs)" in checks["your rights"]["found"]
    assert "--clusterrole=edit" in checks["your rights"]["advice"]
    assert checks["leases"]["verdict"] == checks["operator"]["verdict"] == "unknown"


def test_no_facade_is_there(control_plane: ControlPlane) -> None:
    done = Crontask(None, ("--server", "http://127.0.0.1:1")).run("doctor")
    assert done.status == 1
    assert done.stderr == "Error: no answer from http://127.0.0.1:1: Connection refused\n"


def test_a_shell_completes_names_of_tasks(
    anybody: Crontask, tasks: CronTasks, tmp_path: Path
) -> None:
    tasks.create(task(taskName="$(touch hostile)"), "completed-1").raise_for_status()
    tasks.create(task(), "other").raise_for_status()
    options = " ".join(anybody.options)

    script = Crontask().ok("completion", "bash")
    program = tmp_path / "crontask"
    program.write_text(f'#!/bin/sh\nexec {anybody.command()[0]} -c "{anybody.command()[2]}" "$@"\n')
    program.chmod(0o755)
    session = (
        f"{script}\nCOMP_WORDS=(crontask get {options} comp)\n"
        'COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE="${COMP_WORDS[*]}"\n'
        '_crontask_completion crontask; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    path = f"{tmp_path}:/usr/bin:/bin"
    printed = subprocess.run(
        ["bash", "-c", session],
        env=anybody.variables(PATH=path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed == "completed-1\n"
    assert not (tmp_path / "hostile").exists()


def test_it_is_a_plugin_of_kubectl(person: Crontask, tmp_path: Path) -> None:
    interpreter, option, program = person.command()[:3]
    plugin = tmp_path / "kubectl-crontask"
    script = f"import sys; sys.argv[0] = '{plugin}'; {program}"
    plugin.write_text(f'#!/bin/sh\nexec {interpreter} {option} "{script}" "$@"\n')
    plugin.chmod(0o755)

    printed = subprocess.run(
        [tools.ensure("kubectl"), "crontask", "--help"],
        env=person.variables(PATH=f"{tmp_path}:/usr/bin:/bin"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.startswith("Usage: kubectl crontask [OPTIONS] COMMAND")


def test_completion_without_a_cluster_is_silent() -> None:
    nobody = Crontask()
    asked = {"COMP_WORDS": "crontask get a", "COMP_CWORD": "2"}
    for shell in ("bash", "zsh", "fish"):
        assert "crontask" in nobody.ok("completion", shell)
    done = nobody.run(_CRONTASK_COMPLETE="complete_bash", **asked)
    assert (done.status, done.stdout.strip(), done.stderr) == (0, "", "")
