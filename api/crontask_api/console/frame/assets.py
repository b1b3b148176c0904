"""Assets are the files that pages refer to, from the package, under names that say what is in them.

A name holds a hash of the content. So a browser may keep a file for ever, and after an
upgrade asks for another name.
"""

import gzip
import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import Final

KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOLDERS: Final = ("", "vendor")
"""Our own files, and those that `make assets` took from npm."""

JOINED: Final = {"htmx.js": ("htmx.min.js", "hx-csp.min.js", "hx-sse.min.js")}
"""Files of which one is made. htmx looks at the page as soon as it is there, and an extension
that comes a moment later would have no part in it: a page would not be live."""

HASH_CHARACTERS: Final = 16


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, as it is sent."""

    media_type: str
    plain: bytes
    compressed: bytes


class Assets:
    """All files, read once."""

    def __init__(self) -> None:
        self._hashed: dict[str, str] = {}
        self._by_hashed: dict[str, Asset] = {}
        root = resources.files("crontask_api.console").joinpath("assets")
        for folder in FOLDERS:
            for file in sorted(root.joinpath(folder).iterdir(), key=lambda each: each.name):
                stem, dot, ending = file.name.rpartition(".")
                if file.is_file() and dot + ending in KINDS:
                    self._add(file.name, stem, dot + ending, file.read_bytes())
        for name, parts in JOINED.items():
            content = b"\n".join(self._by_hashed[self._hashed[part]].plain for part in parts)
            stem, dot, ending = name.rpartition(".")
            self._add(name, stem, dot + ending, content)

    def path(self, name: str) -> str:
        """Return the path of the file called `name`; KeyError if there is none."""
        return f"/console/assets/{self._hashed[name]}"

    def find(self, hashed: str) -> Asset | None:
        """Return the file whose path ends with `hashed`."""
        return self._by_hashed.get(hashed)

    def _add(self, name: str, stem: str, ending: str, content: bytes) -> None:
        digest = hashlib.sha256(content).hexdigest()[:HASH_CHARACTERS]
        hashed = f"{stem}.{digest}{ending}"
        self._hashed[name] = hashed
        # The same bytes every time, so that replicas agree.
        compressed = gzip.compress(content, mtime=0)
        self._by_hashed[hashed] = Asset(KINDS[ending], content, compressed)
