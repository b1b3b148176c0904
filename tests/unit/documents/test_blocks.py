"""Every code block of the documents is run by a test or says why not, and no link is dead."""

import re
from pathlib import Path

import pytest

from tests.support.documents import ELSEWHERE, KINDS, OUTSIDE, ROOT, all_blocks_of, blocks_of, pages

_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6}\s+(.*)$", re.MULTILINE)
_COMMAND = re.compile(r"(\$ |--|(crontask|kubectl|helm|curl|make|docker|kind|git|python3?)\b(?!:))")
_FENCED = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return the places of a page, as a forge and the site name them."""
    text = _FENCED.sub("", page.read_text("utf-8"))
    plain = (re.sub(r"[`*]|\[|\]\([^)]*\)", "", heading) for heading in _HEADING.findall(text))
    return {
        re.sub(r"[\s]+", "-", re.sub(r"[^\w\s-]", "", heading.strip().lower())) for heading in plain
    }


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_is_dead(page: Path) -> None:
    dead = []
    for link in _LINK.findall(_FENCED.sub("", page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, place = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (
            place and target.suffix == ".md" and place not in anchors(target)
        ):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_a_block_that_is_not_run_says_why(page: Path) -> None:
    silent = [
        block.line for block in blocks_of(page) if block.reason and len(block.reason.split()) < 4
    ]
    assert silent == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_a_block_has_a_language_and_no_command_hides_in_text(page: Path) -> None:
    blocks = all_blocks_of(page)
    assert [block.line for block in blocks if block.kind not in (*KINDS, "json", "text")] == []
    hidden = [block.line for block in blocks if block.kind == "text" and _COMMAND.match(block.text)]
    assert hidden == []
    # Nothing between two blocks was taken for one.
    fences = re.findall(r"^ *```", page.read_text("utf-8"), re.MULTILINE)
    assert len(fences) == 2 * len(blocks)


def test_the_pages_that_another_test_runs_are_there() -> None:
    for page, reason in ELSEWHERE.items():
        assert any(not block.reason for block in blocks_of(ROOT / page)), page
        assert (ROOT / reason.split()[0]).exists(), page


def test_the_site_has_every_page() -> None:
    nav = (ROOT / "zensical.toml").read_text("utf-8")
    lost = [
        str(page.relative_to(ROOT / "docs"))
        for page in pages()
        if str(page.relative_to(ROOT)) not in OUTSIDE
        and f'"{page.relative_to(ROOT / "docs")}"' not in nav
    ]
    assert lost == []
