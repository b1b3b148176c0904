"""site builds the documents as pages and checks them, for ``make docs`` and ``make docs-serve``.

::

    docs/ ──> .site/source ──> zensical ──> .site/html ──> every link leads somewhere,
              links out of it                              and no page asks another host
              become text
"""

import argparse
import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCE: Final = ROOT / ".site" / "source"
PAGES: Final = ROOT / ".site" / "html"

BESIDE: Final = {"helm/crontask/README.md": "chart.md", "CHANGELOG.md": "changes.md"}
"""Documents that are elsewhere in the checkout, and their pages of the site."""

PORT: Final = 8000

BUILT: Final = (
    f"{PAGES.relative_to(ROOT)}/index.html; its search works only where it is served: "
    "make docs-serve\n"
)
"""What is said of a site that is not served: a browser lets no file read the search's index."""

_LINK: Final = re.compile(r"(?<!!)\[([^\]]+)\]\((?![a-z]+:)([^)#\s]+)(#[^)\s]*)?\)")
_ASKS: Final = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
_HARMLESS: Final = ("canonical", "alternate", "next", "prev", "edit")
"""Relations of a ``link`` that no browser follows by itself."""


class Page(HTMLParser):
    """What a page refers to, and what it asks for by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.asks: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def has(self, fragment: str) -> bool:
        """Return whether the page has the place that `fragment` names."""
        return not fragment or unquote(fragment) in self.anchors

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in a tag."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in _ASKS and _ASKS[tag] in given and given.get("rel") not in _HARMLESS:
            self.asks.append(given[_ASKS[tag]])


def prepare(root: Path, source: Path) -> None:
    """Copy the documents of a checkout, with links to the rest of it as plain text."""
    shutil.rmtree(source, ignore_errors=True)
    docs = root / "docs"
    shutil.copytree(docs, source)
    originals = {source / page: root / original for original, page in BESIDE.items()}
    pages = {original: page for page, original in originals.items()}
    for page, original in originals.items():
        shutil.copy2(original, page)
    for page in source.rglob("*.md"):
        folder = originals.get(page, docs / page.relative_to(source)).parent

        def link(match: re.Match[str], page: Path = page, folder: Path = folder) -> str:
            target = (folder / match[2]).resolve()
            if target in pages:
                place = pages[target]
            elif target.is_relative_to(docs):
                place = source / target.relative_to(docs)
            else:
                return f"{match[1]} (`{target.relative_to(root)}`)"
            return f"[{match[1]}]({os.path.relpath(place, page.parent)}{match[3] or ''})"

        page.write_text(_LINK.sub(link, page.read_text("utf-8")), "utf-8")


def faults(pages: Path) -> Iterator[str]:
    """Yield what is wrong with the pages in a folder: dead links, and hosts that are asked."""
    read = {
        file.resolve(): Page(file.read_text("utf-8"))
        for file in sorted(pages.rglob("*.html"))
        if file.name != "404.html"
    }
    for file, page in read.items():
        where = file.relative_to(pages.resolve())
        for asked in page.asks:
            if urlsplit(asked).netloc:
                yield f"{where}: the page asks {asked}"
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if target.is_dir():
                target /= "index.html"
            if not target.exists():
                yield f"{where}: {link} leads nowhere"
            elif target in read and not read[target].has(parts.fragment):
                yield f"{where}: {link} leads to a page without that place"


def build() -> int:
    """Build the site; return how many faults it has."""
    prepare(ROOT, SOURCE)
    shutil.rmtree(PAGES, ignore_errors=True)
    subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--config-file", "zensical.toml", "--clean"],
        cwd=ROOT,
        check=True,
    )
    found = list(faults(PAGES))
    for fault in found:
        sys.stderr.write(f"{fault}\n")
    return len(found)


def serve(port: int) -> None:
    """Serve the site on loopback, until Ctrl-C."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(PAGES))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        sys.stdout.write(f"http://127.0.0.1:{server.server_port}/\n")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m dev.site", description=__doc__)
    parser.add_argument("--serve", action="store_true", help="serve it afterwards")
    parser.add_argument("--port", type=int, default=PORT)
    arguments = parser.parse_args()
    wrong = build()
    if arguments.serve:
        serve(arguments.port)
    else:
        sys.stdout.write(BUILT)
    sys.exit(1 if wrong else 0)
