"""Visit is one request to a page: whose it is, how it wants to be answered, and its form."""

import secrets
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request

from crontask_api.auth.authenticator import ANONYMOUS, Evidence, Identity
from crontask_api.console.frame.console import Console, console_of
from crontask_api.console.session.session import COOKIE, PATH, Session
from crontask_api.console.words.language import Language, choose_language
from crontask_api.web.body import read_body
from crontask_api.web.evidence import evidence_of

PREFERENCES: Final = "crontask_view"
"""The cookie with language and theme: two short words, so nothing secret."""

THEMES: Final = ("auto", "light", "dark")

LIVE: Final = "X-Console-Live"
"""The header of requests that a page sends by itself. They do not prolong a session."""

MOST_FORM_BYTES: Final = 1536 * 1024
"""A body of a task, 256 KiB, takes three times as much if each byte of it is escaped, and a
third of it more if it holds what cannot be shown."""
MOST_FORM_FIELDS: Final = 2000

Form = list[tuple[str, str]]


@dataclass(slots=True)
class Visit:
    """One request."""

    console: Console
    request: Request
    session: Session
    is_new: bool
    """Whether the session has yet to be told to the browser."""
    language: Language
    theme: str
    nonce: str
    """Allows the scripts of this answer, and its attributes for htmx."""
    identity: Identity = ANONYMOUS
    form: Form = field(default_factory=list)

    @property
    def is_htmx(self) -> bool:
        """Whether htmx asks, and not the browser for a page."""
        return self.request.headers.get("HX-Request") == "true"

    @property
    def is_fragment(self) -> bool:
        """Whether htmx puts the whole answer into the page; else it selects a part of it."""
        return self.is_htmx and self.request.headers.get("HX-Request-Type") != "full"

    @property
    def is_live(self) -> bool:
        """Whether the page asks by itself, without anybody having done anything."""
        return LIVE in self.request.headers

    @property
    def is_cross_site(self) -> bool:
        """Whether another site led here, so that the browser sent no cookie."""
        return self.request.headers.get("Sec-Fetch-Site") == "cross-site"

    @property
    def address(self) -> str:
        """Where the request came from."""
        return self.request.client.host if self.request.client else ""

    def evidence(self, token: str) -> Evidence:
        """Return what the request shows of who sent it, with `token` as its bearer token."""
        return evidence_of(self.request, f"Bearer {token}")

    def field(self, name: str) -> str:
        """Return a field of the form; empty if it is not there."""
        return next((value for key, value in self.form if key == name), "")

    def fields(self, name: str) -> list[str]:
        """Return all fields of the form with this name."""
        return [value for key, value in self.form if key == name]


def visit_of(request: Request) -> Visit:
    """Return what `PageRoute` found out about `request`."""
    visit: Visit = request.state.visit
    return visit


def open_visit(request: Request) -> Visit:
    """Return what the cookies and headers of `request` say."""
    console = console_of(request)
    now = int(console.now())
    view = _preferences(request)
    session = console.sessions.open(request.cookies.get(COOKIE, ""), now)
    theme = view.get("theme", "")
    return Visit(
        console=console,
        request=request,
        session=session or console.sessions.begin("", now),
        is_new=session is None,
        language=choose_language(
            view.get("language", ""), request.headers.get("Accept-Language", "")
        ),
        theme=theme if theme in THEMES else THEMES[0],
        nonce=secrets.token_urlsafe(16),
    )


async def read_form(request: Request, seconds: float) -> Form:
    """Return the fields of the form that `request` brings.

    Raises
    ------
    RequestError
        If it is too long or not complete within `seconds`.
    """
    body = await read_body(request, limit=MOST_FORM_BYTES, seconds=seconds)
    try:
        text = body.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FORM_FIELDS)
    except ValueError:
        # No browser sends that: it has no mark either, and is refused for it.
        return []


def local_path(url: str) -> str:
    """Return path and query of `url` if it is a page of the console, else nothing.

    Whatever host it names is left out, so a link that somebody made up leads nowhere else.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if not f"{parts.path}/".startswith(f"{PATH}/"):
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def preferences(language: str, theme: str) -> str:
    """Return the cookie's value for these preferences."""
    return f"{language}.{theme}"


def _preferences(request: Request) -> dict[str, str]:
    language, _, theme = request.cookies.get(PREFERENCES, "").partition(".")
    return {"language": language, "theme": theme}
