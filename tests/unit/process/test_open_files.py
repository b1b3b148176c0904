"""Calls in flight are bounded by what the process may open."""

import resource
import subprocess
import sys

import pytest

from crontask_operator.process.open_files import FEWEST_CALLS, RESERVED, affordable_calls


@pytest.mark.parametrize(
    ("wanted", "open_files", "calls"),
    [
        pytest.param(4096, 65536, 4096, id="enough"),
        pytest.param(4096, resource.RLIM_INFINITY, 4096, id="no limit"),
        pytest.param(4096, 1024, 1024 - RESERVED, id="few"),
        pytest.param(100, 1024, 100, id="few and fewer wanted"),
        pytest.param(4096, 64, FEWEST_CALLS, id="too few"),
    ],
)
def test_calls_leave_room_for_everything_else(wanted: int, open_files: int, calls: int) -> None:
    assert affordable_calls(wanted, open_files) == calls


def test_the_soft_limit_is_raised_to_the_hard_one() -> None:
    program = (
        "import resource\n"
        "from crontask_operator.process.open_files import raise_open_files\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (200, 300))\n"
        "print(raise_open_files(), resource.getrlimit(resource.RLIMIT_NOFILE))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ended.stdout.split(maxsplit=1) == ["300", "(300, 300)\n"]
