"""resident_bytes and grown_bytes tell how much memory a process uses, for tests of bounds.

A test of a bound runs what it measures in a process of its own, since a test session
has memory that was freed before and is used again without being counted.
"""

import ctypes
import gc
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path


def resident_bytes(pid: int | None = None) -> int:
    """Return the resident memory of a process, by default of this one (Linux alone)."""
    statm = Path(f"/proc/{pid or 'self'}/statm").read_text(encoding="ascii").split()
    return int(statm[1]) * os.sysconf("SC_PAGE_SIZE")


def settled_bytes() -> int:
    """Return the resident memory of this process without what is merely not yet freed."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
    return resident_bytes()


def grown_bytes(work: Callable[[], None], *, warm_up: Callable[[], None] | None = None) -> int:
    """Return by how many bytes a new process has grown after `work`.

    `warm_up` is done first and not counted: imports, and what is made once. Both are
    functions of modules, since the new process looks them up by their names.

    Raises
    ------
    AssertionError
        If the process fails or is killed, with what it said.
    """
    names = [f"{each.__module__}:{each.__qualname__}" for each in (warm_up, work) if each]
    result = subprocess.run(
        [sys.executable, "-m", __name__, *names],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=False,
    )
    assert result.returncode == 0, f"exit code {result.returncode}\n{result.stderr}"
    return int(result.stdout.split()[-1])


def _main(names: list[str]) -> None:
    pairs = [name.split(":") for name in names]
    works = [getattr(import_module(module), name) for module, name in pairs]
    for warm_up in works[:-1]:
        warm_up()
    before = settled_bytes()
    works[-1]()
    sys.stdout.write(f"{settled_bytes() - before}\n")


if __name__ == "__main__":
    _main(sys.argv[1:])
