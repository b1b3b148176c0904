"""The site of the documents: built as by ``make docs``, and read in a real browser.

It is one test, since it is one site: builds side by side would write over each other.
"""

import functools
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urldefrag, urljoin

from playwright.sync_api import Browser, Page, expect

from tests.browser.watched import Watched
from tests.support.documents import OUTSIDE, ROOT, pages

HTML = ROOT / ".site" / "html"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing of a request."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve `folder` on loopback; yield its URL, with a slash at the end."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def linked(page: Page) -> set[str]:
    """Return the pages of the site that `page` links, without their fragments."""
    addresses = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    return {urldefrag(address).url for address in addresses}


def test_it_is_whole_asks_nobody_and_finds_words(browser: Browser) -> None:
    # Fails for a link that is dead, or leads to a place that is not on its page.
    built = subprocess.run(
        ["make", "docs", f"PYTHON={sys.executable}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    with served(HTML) as url:
        context = browser.new_context(locale="en-GB", viewport={"width": 1366, "height": 860})
        context.set_default_timeout(30_000)
        page = context.new_page()
        with Watched(page, url):
            seen, waiting = set[str](), {f"{url}index.html"}
            while waiting:
                address = waiting.pop()
                seen.add(address)
                answer = page.goto(address)
                assert answer is not None
                assert answer.ok, f"{address}: HTTP {answer.status}"
                expect(page.locator("h1").first).to_be_visible()
                found = {each for each in linked(page) if each.startswith(url)}
                waiting |= {each for each in found if each.endswith(".html")} - seen
            # From the first page to each one.
            documents = {
                urljoin(url, str(each.relative_to(ROOT / "docs").with_suffix(".html")))
                for each in pages()
                if str(each.relative_to(ROOT)) not in OUTSIDE
            }
            assert documents <= seen, documents - seen

            page.goto(f"{url}index.html")
            page.locator(".md-search__button").click()
            page.keyboard.type("SecretUnavailable")
            result = page.locator("a[href*='troubleshooting.html?h=']")
            expect(result.first).to_be_visible()
            result.first.click()
            expect(page.locator("h1").first).to_contain_text("Trouble")
        context.close()
