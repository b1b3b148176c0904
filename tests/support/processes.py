"""What the system knows of a process."""

import subprocess
from pathlib import Path


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that is dead but not yet reaped does not."""
    return _state(pid) not in ("", "Z", "X")


def _state(pid: int) -> str:
    """Return the letter of the process's state, or nothing if there is no such process."""
    if not Path("/proc/self").exists():
        listed = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return listed.stdout.strip()[:1]
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    # The program's name before it is in parentheses, and may hold any character.
    return stat.rpartition(")")[2].split()[0]
