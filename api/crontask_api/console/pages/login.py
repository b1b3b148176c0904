"""Logging in with a token, and out."""

import math
from typing import Final

import structlog
from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from crontask_api.console.frame.kept import KEPT, login_page, resume_page
from crontask_api.console.frame.route import SEE_OTHER, forget_session, open_pages, set_session
from crontask_api.console.frame.visit import Visit, local_path, visit_of
from crontask_api.console.session.session import TooLongError
from crontask_api.deadline import within
from crontask_api.errors import RequestError
from crontask_api.web.access import USER

HOME: Final = "/console/"

router = open_pages()
_log: Final = structlog.get_logger(__name__)


@router.get("/console/login")
async def login(request: Request) -> Response:
    """Ask for a token."""
    visit = visit_of(request)
    if not visit.console.settings.auth.takes_tokens:
        return RedirectResponse(HOME, status_code=SEE_OTHER)
    query = request.query_params
    ended = visit.language.text("login.ended") if query.get("ended") else ""
    return login_page(visit, back=query.get("back", ""), notice=ended)


@router.post("/console/login")
async def check(request: Request) -> Response:
    """Let in who has a token that counts."""
    visit = visit_of(request)
    attempts, text = visit.console.attempts, visit.language.text
    back, token = visit.field("back"), visit.field("token").strip()
    kept = visit.field(KEPT)
    if not visit.console.settings.auth.takes_tokens:
        return RedirectResponse(HOME, status_code=SEE_OTHER)
    if wait := math.ceil(attempts.wait_seconds(visit.address)):
        why = text("login.wait", seconds=wait)
        refusal = login_page(visit, back=back, kept=kept, error=why, status=429)
        refusal.headers["Retry-After"] = str(wait)
        return refusal
    if not token:
        return login_page(visit, back=back, kept=kept, error=text("login.empty"), status=422)
    error = await _let_in(visit, token)
    if error:
        attempts.count(visit.address)
        return login_page(visit, back=back, kept=kept, error=error, status=401)
    attempts.forget(visit.address)
    answer: Response = RedirectResponse(local_path(back) or HOME, status_code=SEE_OTHER)
    if kept:
        answer = resume_page(visit, back=back, kept=kept)
    try:
        set_session(visit, answer)
    except TooLongError:
        visit.session = visit.console.sessions.begin("", int(visit.console.now()))
        visit.is_new = True
        return login_page(visit, back=back, kept=kept, error=text("login.too_long"), status=422)
    return answer


@router.post("/console/logout")
async def logout(request: Request) -> Response:
    """Forget who the visitor is."""
    return forget_session(visit_of(request))


async def _let_in(visit: Visit, token: str) -> str:
    """Begin a session for `token`; return what is wrong with it, if anything is."""
    console = visit.console
    try:
        async with within(console.settings.request_timeout_seconds):
            identity = await console.authenticator.authenticate(visit.evidence(token))
    except RequestError as error:
        if error.status != 401:
            raise
        _log.warning("login refused", client=visit.address)
        return visit.language.text("login.refused")
    async with within(console.settings.request_timeout_seconds):
        first = await console.logouts.first_moment(identity.name)
    # A session of its own, so that whoever knew the one before knows nothing of this one.
    visit.session = console.sessions.begin(token, max(int(console.now()), first))
    visit.identity = identity
    visit.request.scope[USER] = identity.name
    _log.info("logged in", user=identity.name, client=visit.address)
    return ""
