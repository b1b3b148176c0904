"""A Go toolchain that is a shell script, so that no test compiles or downloads."""

import stat
from collections.abc import Callable
from pathlib import Path

_GO = """
if [ "$1" = env ]; then echo {version}; exit; fi
echo "$PWD: $*" >> {calls}
while [ "$1" != -o ]; do shift; done
folder=$2
shift 2
for package in "$@"; do
    name=${{package##*/}}
    [ $name = v3 ] && name=server
    echo "built by {version}" > "$folder$name"
done
"""


class FakeGo:
    """A ``go`` of release `version` at `path`."""

    def __init__(self, path: Path, version: str) -> None:
        self._calls = path.with_name(f"calls-of-{version}")
        self.path = write_script(path, _GO.format(version=version, calls=self._calls))

    @property
    def builds(self) -> list[str]:
        """The folder and the arguments of each build so far."""
        return self._calls.read_text().splitlines() if self._calls.exists() else []


MakeGo = Callable[[str], FakeGo]
"""Makes a ``go`` of the given release available somewhere."""


def write_script(path: Path, text: str) -> Path:
    """Write a shell script that can be executed, its folder included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
