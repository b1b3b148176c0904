"""A child never outlives its parent, and says why when it fails."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dev import processes
from dev.processes import Child, ChildFailedError
from dev.readiness import wait_until_ready
from tests.support.processes import is_alive
from tests.support.wait import eventually_sync

StartChild = Callable[..., Child]

IGNORE_SIGTERM = "trap '' TERM; echo ready; while :; do sleep 0.05; done"


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[StartChild]:
    """Start a shell script as a child; all are killed at the end of the test."""
    children: list[Child] = []

    def start(script: str, **options: object) -> Child:
        child = Child.start(
            "script",
            ["/bin/sh", "-c", script],
            log=tmp_path / f"{len(children)}.log",
            **options,  # type: ignore[arg-type]
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()


def test_output_and_exit_code_are_kept(shell: StartChild) -> None:
    child = shell("echo out; echo err >&2; exit 3")

    assert child.wait(5) == 3
    assert child.tail() == "out\nerr"
    assert child.poll() == 3


def test_the_environment_can_be_replaced(shell: StartChild) -> None:
    child = shell('echo "$COLOUR"', env={"COLOUR": "red"})

    child.wait(5)
    assert child.tail() == "red"


def test_a_missing_program_is_told_in_the_log(tmp_path: Path) -> None:
    child = Child.start("nothing", ["/no/such/program"], log=tmp_path / "log")

    assert child.wait(5) == 127
    assert "/no/such/program" in child.tail()


def test_the_tail_is_the_end_of_the_log(shell: StartChild) -> None:
    child = shell("for i in 1 2 3 4 5; do echo $i; done")
    child.wait(5)

    assert child.tail(2) == "4\n5"


def test_stop_is_sigterm_for_a_child_that_listens(shell: StartChild) -> None:
    child = shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done")
    eventually_sync(lambda: child.tail() == "ready")

    assert child.stop() == 7
    assert child.told_to_end


def test_stop_is_sigkill_for_one_that_does_not(shell: StartChild) -> None:
    child = shell(IGNORE_SIGTERM)
    eventually_sync(lambda: child.tail() == "ready")

    assert child.stop(grace=0.1) == -signal.SIGKILL


def test_stopping_what_has_ended_returns_its_exit_code(shell: StartChild) -> None:
    child = shell("exit 4")
    child.wait(5)

    assert not child.told_to_end
    assert child.stop() == 4
    assert child.kill() == 4


@pytest.mark.parametrize(
    "end", [Child.stop, Child.kill, Child.wait], ids=["stopped", "killed", "ended by itself"]
)
def test_what_a_child_started_ends_with_it(shell: StartChild, end: Callable[[Child], int]) -> None:
    child = shell(f"sleep 1000 & echo $!; {'exit' if end is Child.wait else 'wait'}")
    eventually_sync(lambda: child.tail().isdecimal())
    grandchild = int(child.tail())

    end(child)
    eventually_sync(lambda: not is_alive(grandchild))


def test_running_lists_those_that_have_not_ended(shell: StartChild) -> None:
    ended, alive = shell("exit 0"), shell("sleep 1000")
    ended.wait(5)

    assert alive in processes.running()
    assert ended not in processes.running()
    alive.stop()
    assert alive not in processes.running()


def test_a_paused_child_goes_on_when_resumed(shell: StartChild) -> None:
    child = shell("trap 'exit 0' TERM; echo ready; while :; do sleep 0.05; done")
    eventually_sync(lambda: child.tail() == "ready")
    child.pause()
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.1)

    child.resume()
    assert child.stop() == 0


def test_waiting_for_one_that_ends_shows_its_last_words(shell: StartChild) -> None:
    child = shell("echo no such flag; exit 2")

    with pytest.raises(ChildFailedError, match=r"(?s)ended with exit code 2.*no such flag"):
        wait_until_ready(child, lambda: False, timeout=5)


def test_waiting_for_one_that_hangs_has_an_end(shell: StartChild) -> None:
    child = shell("echo still thinking; sleep 1000")
    eventually_sync(lambda: child.tail() == "still thinking")

    with pytest.raises(ChildFailedError, match=r"(?s)not ready after 0 s.*still thinking"):
        wait_until_ready(child, lambda: False, timeout=0)


PARENT = """
import signal, sys
from pathlib import Path
from dev.guarded import make_folder
from dev.processes import Child
from dev.readiness import wait_until_ready

folder = make_folder("crontask-test-")
log = folder / "log"
child = Child.start("script", ["/bin/sh", "-c", sys.argv[1]], log=log)
wait_until_ready(child, lambda: "ready" in child.tail(), timeout=60)
print(child.pid, folder, flush=True)
if sys.argv[2] == "return":
    sys.exit()
signal.pause()
"""


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda pid: os.kill(pid, signal.SIGKILL), id="killed"),
        pytest.param(lambda pid: os.kill(pid, signal.SIGTERM), id="terminated"),
        pytest.param(lambda pid: os.kill(pid, signal.SIGHUP), id="terminal closed"),
        pytest.param(lambda pid: os.killpg(pid, signal.SIGKILL), id="its whole group killed"),
        pytest.param(None, id="returned without stopping it"),
    ],
)
def test_nothing_is_left_of_a_parent(end: Callable[[int], None] | None) -> None:
    manner = "return" if end is None else "stay"
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, IGNORE_SIGTERM, manner],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        assert parent.stdout is not None
        pid, folder = parent.stdout.readline().split()
        if end is not None:
            assert is_alive(int(pid))
            assert Path(folder).is_dir()
            end(parent.pid)

    eventually_sync(lambda: not is_alive(int(pid)), describe=f"end of {pid}")
    eventually_sync(lambda: not Path(folder).exists(), describe=f"removal of {folder}")


def test_those_that_have_ended_unseen_are_not_running(shell: StartChild) -> None:
    ended, running = shell("exit 0"), [shell("sleep 60") for _ in range(3)]
    # Ended and not reaped yet: whoever asks what runs is the first to see it.
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)

    assert set(running) <= set(processes.running())
    assert ended not in processes.running()
