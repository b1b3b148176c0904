"""The check that no test leaves a process behind can fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dev.processes import Child
from tests.support import leaks
from tests.support.leaks import no_process_survives, survivors
from tests.support.wait import eventually_sync

# A process whose parent has gone, in a session of its own: no parent knows it any more.
ORPHAN = (
    "import subprocess, sys;"
    "print(subprocess.Popen(['sleep', '1000'], start_new_session=True,"
    "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).pid)"
)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaks, "PATIENCE_SECONDS", 0.1)


def test_an_orphan_is_found() -> None:
    check = no_process_survives()
    check.__enter__()
    started = subprocess.run(
        [sys.executable, "-c", ORPHAN], capture_output=True, text=True, check=True
    )
    pid = int(started.stdout)
    try:
        with pytest.raises(AssertionError, match=rf"left behind: sleep 1000 \({pid}\)"):
            check.__exit__(None, None, None)
    finally:
        os.kill(pid, 9)


def test_a_child_that_was_stopped_is_no_leak(tmp_path: Path) -> None:
    with no_process_survives():
        child = Child.start("sleep", ["sleep", "1000"], log=tmp_path / "log")
        # Not at once: while a process becomes another program, it has no environment.
        eventually_sync(lambda: len(survivors(os.environ[leaks.MARK])) == 1)
        child.stop()


def test_checks_may_be_nested() -> None:
    with no_process_survives():
        outer = os.environ[leaks.MARK]
        with no_process_survives():
            assert os.environ[leaks.MARK] != outer
        assert os.environ[leaks.MARK] == outer
