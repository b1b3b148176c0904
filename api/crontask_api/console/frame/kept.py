"""kept carries what a person wrote over a session that ended meanwhile, in their own pages.

::

    form ──POST──▶ session is over ──▶ login ──▶ go on ──POST──▶ form, as it was written
                                  what was written is in a field of each page

Nothing is kept here or in the browser beyond the page, so no secret that was typed is either.
"""

from typing import Final
from urllib.parse import parse_qsl, urlencode

from fastapi.responses import HTMLResponse

from crontask_api.console.frame.page import page
from crontask_api.console.frame.visit import MOST_FORM_FIELDS, Form, Visit, local_path

MARK: Final = "mark"
"""The field of a form that shows where it came from."""

KEPT: Final = "kept"
"""The field that carries another form, in ASCII: what is shown of a value may differ from it."""

ACTION: Final = "action"
SHOWN: Final = "check"
"""What is done with a form that was kept: it is shown again, and changes nothing."""

MOST_KEPT: Final = 800 * 1024
"""Characters: each escape takes five of them in the form that carries it, and a form has room
for half again as many."""


def pack(form: Form) -> str:
    """Return `form` for `KEPT`; empty if it is too long for that."""
    packed = urlencode([(name, value) for name, value in form if name not in (MARK, ACTION)])
    return packed if len(packed) <= MOST_KEPT else ""


def unpack(kept: str) -> Form:
    """Return the form that was packed, which is to be shown."""
    try:
        form = parse_qsl(kept, keep_blank_values=True, max_num_fields=MOST_FORM_FIELDS)
    except ValueError:
        form = []
    return [*form, (ACTION, SHOWN)]


def login_page(
    visit: Visit, *, back: str, error: str = "", notice: str = "", kept: str = "", status: int = 200
) -> HTMLResponse:
    """Return the page that asks for a token, and leads `back` then."""
    return page(
        visit,
        "login",
        status=status,
        back=local_path(back),
        error=error,
        notice=notice,
        kept=kept,
        hint=visit.language.text(f"login.hint.{visit.console.settings.auth}"),
    )


def resume_page(visit: Visit, *, back: str, kept: str, status: int = 200) -> HTMLResponse:
    """Return the page from which a form that was kept is gone on with."""
    return page(visit, "resume", status=status, back=local_path(back), kept=kept)
