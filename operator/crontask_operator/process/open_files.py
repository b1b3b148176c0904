"""open_files bounds the calls in flight by what the process may open, for the application.

Each call in flight holds a connection. Without a file descriptor left, healthy targets
could not be called, and neither could the API server.
"""

import resource
from typing import Final

RESERVED: Final = 160
"""File descriptors that are not for calls: 64 connections for status writes, some for
Leases, the watch, probes, metrics and their clients, and what an interpreter opens."""

FEWEST_CALLS: Final = 16


def raise_open_files() -> int:
    """Raise this process's soft limit of open files to the hard one; return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):
            # macOS has a lower bound that it does not report.
            return soft
    return hard


def affordable_calls(wanted: int, open_files: int) -> int:
    """Return how many calls may be in flight, of those `wanted`, with so many open files."""
    if open_files == resource.RLIM_INFINITY:
        return wanted
    return min(wanted, max(open_files - RESERVED, FEWEST_CALLS))
