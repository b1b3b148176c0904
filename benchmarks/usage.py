"""What a process uses, from /proc: resident memory and CPU time."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.errors import BenchmarkError

MIB: Final = 1024 * 1024

_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """A process at one moment: memory in bytes, user and system CPU time in seconds."""

    resident: int
    peak: int
    """The highest `resident` since the process began."""
    cpu_seconds: float


def usage_of(pid: int) -> Usage:
    """Return what the process `pid` uses.

    Raises
    ------
    BenchmarkError
        If there is no such process, or no /proc, as on systems other than Linux.
    """
    folder = Path("/proc") / str(pid)
    try:
        status = (folder / "status").read_text()
        stat = (folder / "stat").read_text()
    except OSError as error:
        raise BenchmarkError(f"process {pid}: expected its figures in /proc: {error}") from error
    return parse_usage(status, stat)


def parse_usage(status: str, stat: str) -> Usage:
    """Return the figures that the texts of ``/proc/PID/status`` and ``stat`` hold."""
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    # The second field is the program's name in parentheses, with whatever is in it.
    after_name = stat.rpartition(")")[2].split()
    user, system = int(after_name[11]), int(after_name[12])
    return Usage(
        resident=_kilobytes(fields["VmRSS"]),
        peak=_kilobytes(fields["VmHWM"]),
        cpu_seconds=(user + system) / _TICKS_PER_SECOND,
    )


def _kilobytes(value: str) -> int:
    return int(value.split()[0]) * 1024
