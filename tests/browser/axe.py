"""complaints asks axe-core what keeps people from using a page."""

from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

SCRIPT: Final = Path(__file__).with_name("vendor") / "axe.min.js"


def complaints(page: Page) -> list[str]:
    """Return what axe finds on `page`, each rule with where it is broken."""
    # The page's policy lets nobody add a script; the browser's own tools may.
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
