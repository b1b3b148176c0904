"""An operator that cannot work says why and ends, so that somebody notices."""

import os
import subprocess
import sys

from dev.control_plane import ControlPlane


def test_a_misspelt_setting_ends_the_operator(control_plane: ControlPlane) -> None:
    command = [sys.executable, "-m", "kopf", "run", "-m", "crontask_operator", "--all-namespaces"]
    environment = {
        **os.environ,
        "KUBECONFIG": str(control_plane.kubeconfig),
        "CRONTASK_SHARD": "4",
    }
    ended = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode != 0
    assert "unknown settings CRONTASK_SHARD; known are " in ended.stderr
