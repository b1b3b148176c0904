"""What the documents call by a path is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
BASES = [
    ROOT,
    ROOT / "operator",
    ROOT / "operator" / "crontask_operator",
    ROOT / "api",
    ROOT / "api" / "crontask_api",
    ROOT / "tests" / "unit" / "callbacks",
    ROOT / "tests" / "integration",
]
"""What a path may be relative to, besides the room that a document is about."""
ROOMS = {
    "engine.md": ["engine", "task", "process", "kube", "sharing"],
    "ownership.md": ["ownership"],
    "calls.md": ["callbacks"],
    "facade.md": ["../crontask_kube"],
    "console.md": [f"../../api/crontask_api/console{room}" for room in ("", "/words")],
}


@pytest.mark.parametrize(
    "document",
    [each for each in DOCUMENTS if each.name != "CHANGELOG.md"],
    ids=lambda each: each.name,
)
def test_every_path_leads_to_a_file(document: Path) -> None:
    rooms = [BASES[2] / room for room in ROOMS.get(document.name, [])]
    paths = re.findall(r"`([\w./-]+/)?(\w+\.py)(?:::\w+)?`", document.read_text(encoding="utf-8"))
    lost = [
        folder + name
        for folder, name in paths
        if not any((base / folder / name).is_file() for base in [*BASES, *rooms])
    ]
    assert lost == []
