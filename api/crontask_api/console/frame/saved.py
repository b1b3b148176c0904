"""saved_at leads from a form to the page of its task, which then says once that it was saved."""

from enum import StrEnum
from typing import Final

from fastapi import Response
from fastapi.responses import RedirectResponse

from crontask_api.console.frame.route import SEE_OTHER
from crontask_api.console.frame.visit import Visit

COOKIE: Final = "crontask_saved"
"""The cookie that says what was done: one of two words, sent to the page of that task alone.

The address stays that of the page, so that a bookmark or a reload does not say it again.
"""

SECONDS: Final = 30
"""For a page that did not come: a later one has nothing to say."""


class Saved(StrEnum):
    """What a form did."""

    CREATED = "created"
    CHANGED = "changed"


def saved_at(visit: Visit, address: str, saved: Saved) -> Response:
    """Return the answer to a form that was saved; `address` is the page of the task."""
    answer = RedirectResponse(address, status_code=SEE_OTHER)
    answer.set_cookie(
        COOKIE,
        saved.value,
        max_age=SECONDS,
        path=address,
        secure=visit.request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


def saved_before(visit: Visit) -> Saved | None:
    """Return what a form did just before it led to this page; None if none did."""
    try:
        return Saved(visit.request.cookies.get(COOKIE, ""))
    except ValueError:
        return None


def forget_saved(answer: Response, address: str) -> None:
    """Have the browser forget it, now that the page at `address` has said it."""
    answer.delete_cookie(COOKIE, path=address, httponly=True, samesite="strict")
