"""``make demo`` and ``make dev``, as programs and with everything that they start."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from dev import tools
from dev.ports import LOOPBACK, free_port
from dev.processes import Child
from dev.readiness import loopback_client, wait_until_ready

HISTORY = Path(__file__).parents[2] / "docs" / "history.md"

START_SECONDS = 120
"""Bound on the start of the whole stack on a busy machine."""


@pytest.fixture
def ports() -> dict[str, str]:
    return {"API_PORT": str(free_port()), "ECHO_PORT": str(free_port())}


@pytest.fixture
def started() -> Iterator[list[Child]]:
    """Children to end with the test."""
    children: list[Child] = []
    yield children
    for child in children:
        child.stop()


def run(command: str, *arguments: str, log: Path, env: Mapping[str, str]) -> Child:
    argv = [sys.executable, "-m", "dev", command, *arguments]
    return Child.start(command, argv, log=log, env={**os.environ, **env})


def test_the_demo_ends_well_once_both_kinds_of_task_ran(
    ports: dict[str, str], started: list[Child], tmp_path: Path
) -> None:
    demo = run("demo", log=tmp_path / "log", env={**ports, "DEMO_SECONDS": "10"})
    started.append(demo)

    assert demo.wait(START_SECONDS) == 0, demo.tail(100)
    output = demo.log.read_text()
    kubeconfig = Path(output.partition("export KUBECONFIG=")[2].split()[0])
    runs = [line.split() for line in output.splitlines() if " Scheduled " in line]
    # The examples aim at the default port of the echo target, where here is nobody:
    # that they were called and recorded is enough.
    assert any(words[0] == "heartbeat" and words[1] == "kubectl" for words in runs), output
    assert any(words[:3] == ["facade", "heartbeat", "facade"] for words in runs), output
    assert not kubeconfig.exists(), "the control plane's folder is removed"


def test_the_demo_has_runs_from_before_a_restart_that_are_older_than_the_status(
    ports: dict[str, str], started: list[Child], tmp_path: Path
) -> None:
    demo = run("demo", log=tmp_path / "log", env=ports)
    started.append(demo)
    wait_until_ready(demo, lambda: "  kill " in demo.log.read_text(), START_SECONDS)
    output = demo.log.read_text()
    operator = int(output.partition("  kill ")[2].split()[0])
    kubeconfig = output.partition("export KUBECONFIG=")[2].split()[0]
    documented = re.search(r"list_runs -d '(.*heartbeat.*)'", HISTORY.read_text())
    assert documented is not None

    with loopback_client(f"http://{LOOPBACK}:{ports['API_PORT']}") as facade:

        def first_runs() -> list[str]:
            answer = facade.post("/crontab/list_runs", content=documented[1]).json()
            return [each["execution_id"] for each in answer["data"]["run_list"]]

        wait_until_ready(demo, lambda: len(first_runs()) == 3, START_SECONDS)
        before = first_runs()
        os.kill(operator, signal.SIGTERM)

        def in_status() -> set[str]:
            command = [str(tools.ensure("kubectl")), "get", "crontasks", "-o", "json"]
            env = {**os.environ, "KUBECONFIG": kubeconfig}
            found = json.loads(subprocess.check_output(command, env=env))
            runs = [each["status"].get("runs", []) for each in found["items"]]
            return {run["executionId"] for each in runs for run in each}

        wait_until_ready(demo, lambda: not in_status() & set(before), START_SECONDS)
        assert first_runs() == before
    assert demo.poll() is None
    assert not Path(f"/proc/{operator}").exists()


def test_dev_is_quiet_until_all_is_ready_and_ends_in_order(
    ports: dict[str, str], started: list[Child], tmp_path: Path
) -> None:
    folder = tmp_path / ".dev"
    dev = run("dev", "--folder", str(folder), log=tmp_path / "log", env=ports)
    started.append(dev)
    wait_until_ready(dev, lambda: "kubectl" in dev.log.read_text(), START_SECONDS)

    assert dev.log.read_text().startswith("ready\n")
    assert (folder / "kubeconfig").exists()
    with loopback_client(f"http://{LOOPBACK}:{ports['API_PORT']}") as facade:
        assert facade.get("/readyz").is_success
    assert {path.name for path in folder.glob("*.log")} == {
        "etcd.log",
        "kube-apiserver.log",
        "operator.log",
        "facade.log",
        "echo.log",
    }

    assert dev.stop(grace=60) == 0, dev.tail()
    assert not (folder / "kubeconfig").exists()
    assert "handed over" in (folder / "operator.log").read_text()


def test_ctrl_c_ends_it_even_if_the_shell_had_it_ignored(
    ports: dict[str, str], started: list[Child], tmp_path: Path
) -> None:
    # What a shell does for a command with an & when it has no job control.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        dev = run("dev", "--folder", str(tmp_path / ".dev"), log=tmp_path / "log", env=ports)
    finally:
        signal.signal(signal.SIGINT, before)
    started.append(dev)
    wait_until_ready(dev, lambda: "kubectl" in dev.log.read_text(), START_SECONDS)

    os.kill(dev.pid, signal.SIGINT)

    assert dev.wait(60) == 0, dev.tail()
    assert not (tmp_path / ".dev" / "kubeconfig").exists()


@pytest.mark.parametrize(
    ("variable", "command"), [("API_PORT", "dev"), ("ECHO_PORT", "dev"), ("ECHO_PORT", "demo")]
)
def test_a_taken_port_is_told_before_anything_is_started(
    variable: str, command: str, ports: dict[str, str], started: list[Child], tmp_path: Path
) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        ports[variable] = str(taken.getsockname()[1])
        child = run(command, log=tmp_path / "log", env=ports)
        started.append(child)
        assert child.wait(30) == 1

    assert child.tail().startswith(f"error: port {ports[variable]} on {LOOPBACK} is taken")
    assert f"{variable}=..." in child.tail()


@pytest.mark.parametrize("value", ["x", "65536"])
def test_a_port_that_is_none_is_refused(value: str, started: list[Child], tmp_path: Path) -> None:
    child = run("dev", log=tmp_path / "log", env={"API_PORT": value})
    started.append(child)

    assert child.wait(30) == 1
    expected = f"error: API_PORT: expected a port number from 1 to 65535, got '{value}'"
    assert child.tail() == expected
