"""That no schema and no bytes end the process or raise what a callback does not expect."""

import os
import subprocess
import sys

import pytest

ROUNDS = 1000


@pytest.mark.parametrize("seed", [1, 2])
def test_random_schemas_and_replies_are_used_or_refused(seed: int) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tests.support.schema_fuzz", str(seed), str(ROUNDS)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    # Or the series would be of schemas that are refused at once.
    assert int(result.stdout) > ROUNDS // 4
