"""blocks reads the code blocks of the documents, for the tests that run them."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
KINDS = ("sh", "console", "yaml")

OUTSIDE = ("README.md", "helm/crontask/README.md")
"""Documents for users that are not in the folder of the others."""

RELEASES = (
    *OUTSIDE,
    "docs/install.md",
    "docs/history.md",
    "docs/gitops.md",
    "docs/how-to/high-availability.md",
    "docs/how-to/monitoring.md",
    "docs/how-to/proxy.md",
    "docs/how-to/secrets.md",
    "docs/how-to/upgrade.md",
)
"""Pages for an administrator, whose blocks tests/documents/test_releases.py runs."""

ELSEWHERE = {
    "docs/api.md": "tests/documents/test_requests.py sends its requests to a facade",
    "docs/first-task.md": "tests/documents/test_newcomer.py begins with a clone",
    "docs/zh/first-task.md": "tests/documents/test_newcomer.py begins with a clone",
    "docs/how-to/backup.md": "tests/documents/test_backup.py stops and starts the operator for it",
    **dict.fromkeys(RELEASES, "tests/documents/test_releases.py runs it as an administrator"),
}
"""Pages whose blocks another test runs than tests/documents/test_pages.py."""

_BLOCK = re.compile(
    r"(?:<!-- not run: (?P<reason>[^>]+?) -->\s*\n)?"
    r"(?P<indent>[ ]*)```(?P<kind>[^\s`]*)[^\n]*\n(?P<text>.*?)\n(?P=indent)```",
    re.DOTALL,
)


class Block(NamedTuple):
    """A code block; `reason` says why it is not run, "" if it is."""

    page: str
    line: int
    kind: str
    text: str
    reason: str


def pages() -> list[Path]:
    """Return the documents for users."""
    return [*map(ROOT.joinpath, OUTSIDE), *sorted((ROOT / "docs").rglob("*.md"))]


def all_blocks_of(page: Path) -> list[Block]:
    """Return the blocks of `page` in every language, or in none, in their order."""
    text = page.read_text("utf-8")
    name = str(page.relative_to(ROOT))
    found = []
    for match in _BLOCK.finditer(text):
        indent = len(match["indent"])
        lines = [line[indent:] for line in match["text"].splitlines()]
        found.append(
            Block(
                name,
                text.count("\n", 0, match.start("kind")) + 1,
                match["kind"],
                "\n".join(lines),
                match["reason"] or "",
            )
        )
    return found


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of `page` that a test may be asked to run, in their order."""
    return [block for block in all_blocks_of(page) if block.kind in KINDS]
