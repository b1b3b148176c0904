"""Each code block of the documents does what it says, on a real control plane.

The blocks of a page are run in their order: YAML is applied, ``sh`` is run by bash, and what
``console`` prints is compared. One that is not run says why in a comment before it.
"""

from pathlib import Path

import pytest

from dev.control_plane import ControlPlane
from tests.documents.playing import run
from tests.support.documents import ELSEWHERE, ROOT, blocks_of, pages
from tests.support.programs import run_operator

PAGES = [
    page
    for page in pages()
    if str(page.relative_to(ROOT)) not in ELSEWHERE
    and any(not block.reason for block in blocks_of(page))
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page(
    page: Path, control_plane: ControlPlane, namespace: str, shell: dict[str, str], checkout: Path
) -> None:
    with run_operator(control_plane, namespace):
        for block in blocks_of(page):
            if not block.reason:
                run(block, checkout, shell)
