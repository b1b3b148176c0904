"""Replicas in processes of their own: told to end, stopped, and killed in a burst."""

import itertools
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dev.processes import Child
from tests.support.wait import eventually_sync

ROOT = Path(__file__).parents[2]

SHORT_SECONDS = 4
"""A lease that runs out within a test, and yet not because the machine is busy."""

PATIENCE_SECONDS = 60.0

_numbers = itertools.count(1)


class Process:
    """A replica in a process of its own; see `tests.support.lease_process`."""

    def __init__(self, name: str, kubeconfig: Path, namespace: str, lease_seconds: int) -> None:
        self.child = Child.start(
            f"replica {name}",
            [
                sys.executable, "-m", "tests.support.lease_process", "--name", name,
                "--kubeconfig", kubeconfig, "--namespace", namespace,
                "--lease-seconds", str(lease_seconds),
            ],
            log=kubeconfig.parent / f"replica-{next(_numbers)}.log",
            env=os.environ | {"PYTHONPATH": str(ROOT / "operator")},
            cwd=ROOT,
        )  # fmt: skip

    def times(self, event: str) -> list[float]:
        """Return when `event` happened, in seconds since boot."""
        found = re.findall(rf"^{event} at ([\d.]+)$", self.child.log.read_text(), re.MULTILINE)
        return [float(at) for at in found]

    def wait_for(self, event: str, *, after: float = 0) -> float:
        """Return when `event` happened first `after` then, if need be once it does."""
        return eventually_sync(
            lambda: [at for at in self.times(event) if at > after],
            PATIENCE_SECONDS,
            lambda: self.child.tail(),
        )[0]


Start = Callable[[str, int], Process]


@pytest.fixture
def start(lease_kubeconfig: Path, namespace: str) -> Iterator[Start]:
    started: list[Process] = []

    def start_one(name: str, lease_seconds: int) -> Process:
        started.append(Process(name, lease_kubeconfig, namespace, lease_seconds))
        return started[-1]

    yield start_one
    for process in started:
        process.child.kill()


def test_a_process_that_is_told_to_end_hands_over(start: Start) -> None:
    owner = start("a", 300)
    owner.wait_for("fired")
    standby = start("b", 300)
    standby.wait_for("joined")
    assert owner.child.stop() == 0

    taken_at = standby.wait_for("acquired 0 4711")
    standby.wait_for("fired")
    assert max(owner.times("fired")) < taken_at


def test_a_process_that_is_stopped_or_killed_in_a_burst_is_followed(start: Start) -> None:
    owner = start("a", SHORT_SECONDS)
    owner.wait_for("fired")
    standby = start("b", SHORT_SECONDS)
    standby.wait_for("joined")
    owner.child.pause()
    taken_at = standby.wait_for("acquired 0 unknown")
    owner.child.resume()

    owner.wait_for("lost 0")
    assert max(owner.times("fired")) < taken_at
    # It is the standby now, and takes over in its turn: from one that is killed.
    standby.child.kill()
    back_at = owner.wait_for("acquired 0 unknown", after=taken_at)
    assert max(standby.times("fired")) < back_at
