"""What tests do with a form: fields by their names, and its buttons."""

from playwright.sync_api import Locator, Page


def field(page: Page, name: str) -> Locator:
    """Return the field called `name`."""
    return page.locator(f"[name='{name}']")


def save(page: Page) -> None:
    """Save a change."""
    page.locator(".bar").get_by_role("button", name="Save").click()


def create(page: Page) -> None:
    """Save a new task."""
    page.locator(".bar").get_by_role("button", name="Create").click()


def open_all(page: Page) -> None:
    """Unfold everything."""
    for details in page.locator("details.part").all():
        details.evaluate("each => each.open = true")
