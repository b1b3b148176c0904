"""Watched fails a test whose page complained, or asked any host but the console's."""

from types import TracebackType
from typing import Self

from playwright.sync_api import ConsoleMessage, Page, Request


class Watched:
    """Watches a page for the length of a block.

    `expected` are parts of complaints that belong to the test, as of a request that is
    to be refused.
    """

    def __init__(self, page: Page, url: str, expected: tuple[str, ...] = ()) -> None:
        self._url = url
        self._expected = expected
        self._complaints: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._complaints.append(f"fault: {error}"))
        page.on("request", self._asked)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            assert self._complaints == [], self._complaints
        else:
            error.add_note(f"The page complained: {self._complaints}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(
            part in message.text for part in self._expected
        ):
            self._complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(self._url):
            self._complaints.append(f"asked {request.url}")
