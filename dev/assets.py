"""``python -m dev.assets``: take the console's scripts from npm, with their licences.

Each package has a version and the hash that npm's lock files hold for it; anything else is
refused. npm is asked, so it decides where packages come from. What was taken is committed:
neither an image nor a developer of Python needs npm.
"""

import base64
import hashlib
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dev.errors import DevError

ROOT: Final = Path(__file__).parents[1]
VENDOR: Final = ROOT / "api" / "crontask_api" / "console" / "assets" / "vendor"
TESTS: Final = ROOT / "tests" / "browser" / "vendor"


class AssetError(DevError):
    """A package is not the one that was pinned, or lacks a file."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package of npm, and the files that are taken from it into a folder."""

    name: str
    version: str
    integrity: str
    """Of the archive, as lock files have it: sha512 in base64."""
    folder: Path
    files: dict[str, str]
    """Path in the package, and name in the folder."""


PACKAGES: Final = (
    Package(
        "htmx.org",
        "4.0.1",
        "sha512-oF7JgXhDW9UXCy/k1ZYFUQgzu/rm19ORWPSPNL91vPluB2PB9+MV55tyQdH/w7o2EAbTYUG5SDW1R60mdkdqGg==",
        VENDOR,
        {
            "dist/htmx.min.js": "htmx.min.js",
            "dist/ext/hx-csp.min.js": "hx-csp.min.js",
            "dist/ext/hx-sse.min.js": "hx-sse.min.js",
            "LICENSE": "htmx.LICENSE.txt",
        },
    ),
    Package(
        "axe-core",
        "4.14.1",
        "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        TESTS,
        {"axe.min.js": "axe.min.js", "LICENSE": "axe.LICENSE.txt"},
    ),
)


def take(package: Package, folder: Path) -> None:
    """Write the files of `package` into its folder, by way of `folder`.

    Raises
    ------
    AssetError
        If the archive is not the one that was pinned, or lacks a file.
    """
    name = f"{package.name}@{package.version}"
    command = ("npm", "pack", "--silent", "--pack-destination", str(folder), name)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob(f"{package.name}-*.tgz")
    found = integrity(archive.read_bytes())
    if found != package.integrity:
        raise AssetError(f"{name}: expected {package.integrity}, got {found}")
    package.folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as members:
        for path, target in package.files.items():
            try:
                member = members.extractfile(f"package/{path}")
            except KeyError:
                member = None
            if member is None:
                raise AssetError(f"{name}: expected the file {path}")
            (package.folder / target).write_bytes(without_map(member.read()))


def without_map(content: bytes) -> bytes:
    """Return a script without the reference to its map, which nobody serves."""
    lines = content.splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b"//# sourceMappingURL="))


def integrity(content: bytes) -> str:
    """Return the hash of an archive as lock files have it."""
    return f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        for each in PACKAGES:
            take(each, Path(temporary))
