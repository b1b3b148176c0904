"""The choice of language and theme, kept in a cookie of this browser."""

from typing import Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from crontask_api.console.frame.route import SEE_OTHER, open_pages
from crontask_api.console.frame.visit import (
    PREFERENCES,
    THEMES,
    local_path,
    preferences,
    visit_of,
)
from crontask_api.console.session.session import PATH
from crontask_api.console.words.language import LANGUAGES

YEAR_SECONDS: Final = 365 * 86400

router = open_pages()


@router.post("/console/preferences")
async def choose(request: Request) -> Response:
    """Keep the choice, and show the same page again."""
    visit = visit_of(request)
    language, theme = visit.field("language"), visit.field("theme")
    answer = RedirectResponse(local_path(visit.field("back")) or "/console/", status_code=SEE_OTHER)
    answer.set_cookie(
        PREFERENCES,
        preferences(
            language if language in LANGUAGES else visit.language.code,
            theme if theme in THEMES else visit.theme,
        ),
        max_age=YEAR_SECONDS,
        path=PATH,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer
