"""crontask-api tells how it is used, and starts nothing for an argument."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(("argument", "code"), [("--help", 0), ("-h", 0), ("serve", 2)])
def test_it_takes_no_arguments(argument: str, code: int) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "crontask_api", argument],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (result.returncode, result.stderr) == (code, "")
    assert result.stdout.startswith("usage: crontask-api\n")
    assert "CRONTASK_API_" in result.stdout
