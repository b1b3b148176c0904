"""The programs that tests run say why, when they do not run."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.processes import Child, ChildFailedError
from dev.programs import Program, environment
from tests.support.programs import stopped_at_the_end
from tests.support.wait import eventually_sync


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """A program that has said hello and waits."""
    script = ["/bin/sh", "-c", "echo hello; sleep 1000"]
    child = Child.start("facade", script, log=tmp_path / "log")
    eventually_sync(lambda: child.tail() == "hello")
    yield Program(child, "http://127.0.0.1:1")
    child.kill()


def test_it_is_stopped_at_the_end(program: Program) -> None:
    with stopped_at_the_end(program):
        assert program.child.poll() is None

    assert program.child.poll() == -signal.SIGTERM


def test_a_paused_one_is_stopped_as_well(program: Program) -> None:
    with stopped_at_the_end(program):
        program.child.pause()

    assert program.child.poll() == -signal.SIGTERM


def test_one_that_ends_by_itself_fails_the_test(program: Program) -> None:
    def crash() -> None:
        with stopped_at_the_end(program):
            os.kill(program.child.pid, signal.SIGKILL)
            eventually_sync(lambda: program.child.poll() is not None)

    with pytest.raises(ChildFailedError, match=r"(?s)ended by itself with exit code -9.*hello"):
        crash()


def test_one_that_the_test_ends_does_not(program: Program) -> None:
    with stopped_at_the_end(program):
        program.child.kill()


def test_the_log_comes_with_the_failure_of_a_test(program: Program) -> None:
    with pytest.raises(AssertionError, match="no run") as failure, stopped_at_the_end(program):
        raise AssertionError("no run was recorded")

    assert failure.value.__notes__ == ["The end of the log of the facade:\nhello"]


def test_settings_of_the_shell_do_not_reach_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRONTASK_SHARDS", "7")
    monkeypatch.setenv("CRONTASK_DEV_CACHE", "/cache")
    monkeypatch.setenv("KUBECONFIG", "/home/somebody/.kube/config")
    monkeypatch.setenv("COLOUR", "red")

    given = environment(
        Path("/kubeconfig"),
        {"CRONTASK_LOG_FORMAT": "console", "CRONTASK_LEASE_NAMESPACE": "default"},
        {"CRONTASK_LEASE_NAMESPACE": "mine"},
    )

    assert {name: value for name, value in given.items() if name.startswith("CRONTASK_")} == {
        "CRONTASK_DEV_CACHE": "/cache",
        "CRONTASK_DEV_TEST_SESSION": given["CRONTASK_DEV_TEST_SESSION"],
        "CRONTASK_LOG_FORMAT": "console",
        "CRONTASK_LEASE_NAMESPACE": "mine",
    }
    assert given["KUBECONFIG"] == "/kubeconfig"
    assert given["COLOUR"] == "red"
