"""page makes the answer to a visit: a whole page, or the part of one that htmx asked for."""

from typing import Any, Final
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse

from crontask_api.auth.authenticator import ANONYMOUS
from crontask_api.console.frame.visit import THEMES, Visit
from crontask_api.console.live.row import Key
from crontask_api.console.words.language import LANGUAGES, Language

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'nonce-{nonce}'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types htmx",
    )
)
"""No script or style but the files of the package, and no other host for anything. The nonce
is for htmx, which otherwise acts on any element that has its attributes."""


def policy(visit: Visit) -> str:
    """Return the Content-Security-Policy of the answer to `visit`."""
    return POLICY.format(nonce=visit.nonce)


def page(visit: Visit, name: str, /, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return the page that the template `name` makes of `values`.

    A template begins from ``base.html``, and htmx gets what is in its main part alone.
    `here` among `values` is the address that the page has in its shortest form: a form
    asks with all its fields, also those that are empty.
    """
    answer = HTMLResponse(render(visit, name, **values), status_code=status)
    if "here" in values and visit.is_htmx and not visit.is_live:
        answer.headers["HX-Push-Url"] = values["here"]
    return answer


def render(visit: Visit, name: str, /, **values: Any) -> str:
    """Return what the template `name` makes of `values`, and of what all templates know."""
    language = visit.language
    board, settings = visit.console.board, visit.console.settings
    common = {
        "t": language.text,
        "n": language.number,
        "counted": language.counted,
        "known": language.known,
        "language": language,
        "languages": [Language(code) for code in LANGUAGES],
        "theme": visit.theme,
        "themes": THEMES,
        "nonce": visit.nonce,
        "mark": visit.console.sessions.form_mark(visit.session),
        "fragment": visit.is_fragment,
        "here": _here(visit),
        "user": "" if visit.identity is ANONYMOUS else visit.identity.name,
        "may_end_sessions": settings.auth.takes_tokens,
        "may_log_out": settings.auth.takes_tokens or bool(settings.proxy_logout_path),
        "now": visit.console.now(),
        "troubles": sorted(set(board.troubles.values())),
        "is_complete": board.is_complete,
        "known_tasks": len(board.rows),
        "left_out": board.left_out,
        "live": "",
        "said": "",
        "section": "",
    }
    return visit.console.templates.render(name, common | values)


def live_address(visit: Visit, key: Key | None = None, *, pace: int = 1) -> str:
    """Return where a page hears of changes of the task `key`, or of any, after this one.

    To be asked for before anything else is: what happens while the page is made is told then.
    The page hears every `pace` seconds at most, and of the last one in any case.
    """
    asked = {"since": visit.console.board.stamp(key), "pace": str(pace)}
    if key is not None:
        asked["namespace"], asked["name"] = key
    return f"/console/events?{urlencode(asked)}"


def _here(visit: Visit) -> str:
    url = visit.request.url
    return f"{url.path}?{url.query}" if url.query else url.path
