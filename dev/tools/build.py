"""Compile the programs of one Go module, with a sign of life while it takes minutes."""

import re
import subprocess
import time
from pathlib import Path

from dev.guarded import make_folder, remove_folder
from dev.processes import Child
from dev.tools.go import environment, find_go
from dev.tools.modules import GoModule, ToolsError
from dev.tools.progress import live, say


def build(module: GoModule, destination: Path) -> None:
    """Build all programs of `module` into the folder `destination`.

    Raises
    ------
    ToolsError
        With the compiler's last words, if a program cannot be built.
    """
    go = find_go(module.go_version)
    title = f"{module.name} {module.version}"
    say(f"{title}: building {', '.join(module.programs)} (once; minutes if nothing is cached)")
    began = time.monotonic()
    scratch = make_folder("crontask-build-")
    try:
        flags = [
            "-v",
            "-mod=readonly",
            "-buildvcs=false",
            "-trimpath",
            *(["-tags", ",".join(module.tags)] if module.tags else []),
            "-ldflags",
            module.linker_flags,
        ]
        child = Child.start(
            "go",
            [go, "build", *flags, "-o", f"{destination}/", *module.programs.values()],
            log=scratch / "log",
            env=environment(),
            cwd=module.folder,
        )
        try:
            _follow(child, title)
        finally:
            failed = child.kill()
        if failed:
            raise ToolsError(f"{title}: go build ended with {failed}:\n{child.tail()}")
    finally:
        remove_folder(scratch)
    for program, package in module.programs.items():
        (destination / default_name(package)).rename(destination / program)
    say(f"{title}: built in {time.monotonic() - began:.0f} s")


def default_name(package: str) -> str:
    """Return what ``go build`` calls the program of `package`.

    The last element of the path, or the one before if that is a major version; see
    ``go help build``.
    """
    *parents, last = package.split("/")
    return parents[-1] if re.fullmatch(r"v[2-9]\d*", last) else last


def _follow(child: Child, title: str) -> None:
    """Report the counts of downloaded and compiled packages until `child` ends."""
    with live(title) as report:
        while True:
            try:
                child.wait(timeout=0.5)
                return
            except subprocess.TimeoutExpired:
                lines = child.log.read_text(errors="replace").splitlines()
                downloaded = sum(line.startswith("go: downloading") for line in lines)
                report(f"{downloaded} modules downloaded, {len(lines) - downloaded} packages built")
