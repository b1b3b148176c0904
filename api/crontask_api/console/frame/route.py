"""PageRoute is how a page is asked for: cookies, login, form and errors, for every page.

A page's own function is called when it is known who asks, and when a form is known to come
from a page of this console.
"""

import gzip
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute

from crontask_api.auth.authenticator import ANONYMOUS
from crontask_api.console.frame.kept import KEPT, MARK, login_page, pack, resume_page, unpack
from crontask_api.console.frame.page import page, policy
from crontask_api.console.frame.visit import Visit, local_path, open_visit, read_form
from crontask_api.console.session.session import COOKIE, PATH
from crontask_api.deadline import within
from crontask_api.errors import FacadeError, RequestError
from crontask_api.web.access import USER
from crontask_api.web.ticket import TICKET
from crontask_history.errors import HistoryError
from crontask_kube.errors import ApiError

LOGIN: Final = "/console/login"

LEAST_COMPRESSED: Final = 1024
"""Bytes of a page."""

UNAUTHORIZED: Final = 401
SEE_OTHER: Final = 303

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A page for those who are logged in."""

    needs_login: ClassVar[bool] = True
    keeps_form: ClassVar[bool] = False
    """Whether what a person wrote outlives the session, for them to go on with."""

    def get_route_handler(self) -> Handler:
        """Return what answers a request."""
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            visit = open_visit(request)
            request.state.visit = visit
            try:
                response = await self._admitted(visit) or await answer(request)
            except (FacadeError, ApiError, HistoryError) as error:
                response = _error_page(visit, error)
            _finish(visit, response)
            return response

        return handle

    async def _admitted(self, visit: Visit) -> Response | None:
        """Return None if the visitor may come in, else what to answer."""
        if self.needs_login and visit.request.method == "GET" and visit.is_cross_site:
            # A browser leaves the cookie out where a link on another site leads here. The
            # page then comes once more, from here, and with the cookie.
            return page(visit, "again")
        keeps = self.keeps_form and visit.request.method == "POST" and not visit.is_htmx
        if self.needs_login and not await _is_known(visit):
            return await _kept_at_login(visit) if keeps else _to_login(visit)
        if visit.request.method == "POST":
            await _read(visit)
            if not visit.console.sessions.is_form_mark(visit.field(MARK), visit.session):
                if keeps and (kept := visit.field(KEPT) or pack(visit.form)):
                    # It is of a session before, as of whoever logged in in another window.
                    return resume_page(visit, back=str(visit.request.url), kept=kept, status=403)
                raise RequestError(visit.language.text("error.form"), status=403)
            if self.keeps_form and (kept := visit.field(KEPT)):
                visit.form = unpack(kept)
        return None


class FormRoute(PageRoute):
    """A page with a form in which people write for a while."""

    keeps_form = True


class OpenRoute(PageRoute):
    """A page for everybody, such as the one for the login."""

    needs_login = False


def pages() -> APIRouter:
    """Return what a page is registered with."""
    return APIRouter(route_class=PageRoute, include_in_schema=False)


def form_pages() -> APIRouter:
    """Return what a page is registered with on which people write for a while."""
    return APIRouter(route_class=FormRoute, include_in_schema=False)


def open_pages() -> APIRouter:
    """Return what a page is registered with that everybody may see."""
    return APIRouter(route_class=OpenRoute, include_in_schema=False)


async def _is_known(visit: Visit) -> bool:
    console = visit.console
    if console.settings.auth.takes_tokens and not visit.session.token:
        return False
    try:
        async with within(console.settings.request_timeout_seconds):
            visit.identity = await console.authenticator.authenticate(
                visit.evidence(visit.session.token)
            )
    except RequestError as error:
        if error.status == UNAUTHORIZED and console.settings.auth.takes_tokens:
            return False
        # At a proxy people log in before they come here.
        raise
    if console.settings.auth.takes_tokens:
        async with within(console.settings.request_timeout_seconds):
            if await console.logouts.is_over(visit.identity.name, visit.session):
                return False
    visit.request.scope[USER] = visit.identity.name
    if visit.identity is not ANONYMOUS:
        visit.request.scope[TICKET].pass_to(visit.identity.name)
    return True


async def _read(visit: Visit) -> None:
    seconds = visit.console.settings.request_timeout_seconds
    visit.form = await read_form(visit.request, seconds)


async def _kept_at_login(visit: Visit) -> Response:
    await _read(visit)
    kept = visit.field(KEPT) or pack(visit.form)
    if not kept:
        return _to_login(visit)
    notice = visit.language.text("kept.login")
    back = str(visit.request.url)
    return login_page(visit, back=back, notice=notice, kept=kept, status=UNAUTHORIZED)


def _to_login(visit: Visit) -> Response:
    url, headers = visit.request.url, visit.request.headers
    asked = headers.get("HX-Current-URL", "") if visit.is_htmx else str(url)
    back = local_path(asked)
    query = {"back": back} if back else {}
    if visit.session.token:
        query["ended"] = "1"
    where = f"{LOGIN}?{urlencode(query)}" if query else LOGIN
    if visit.is_htmx:
        return Response(status_code=UNAUTHORIZED, headers={"HX-Redirect": where})
    return RedirectResponse(where, status_code=SEE_OTHER)


def _error_page(visit: Visit, error: Exception) -> HTMLResponse:
    status = error.status if isinstance(error, RequestError) else 503
    # What an endpoint would answer with HTTP 200 and a state is a wrong address here.
    status = 400 if status == 200 else status
    if visit.is_live:
        # The page asked by itself, as of a task that is gone: no mistake of anybody's.
        status = 200
    answer = page(visit, "error", status=status, why=str(error), fragment=visit.is_htmx)
    if visit.is_htmx:
        # Whatever part was asked for stays as it is; the notice says what happened.
        answer.headers["HX-Retarget"] = "#notice"
        answer.headers["HX-Reswap"] = "innerHTML"
        answer.headers["HX-Reselect"] = "#error"
    return answer


def _finish(visit: Visit, response: Response) -> None:
    headers = response.headers
    headers["Content-Security-Policy"] = policy(visit)
    # Forms need to tell where they come from, which no-referrer keeps them from.
    headers["Referrer-Policy"] = "same-origin"
    headers["Vary"] = "Accept-Encoding, Accept-Language, Cookie, HX-Request"
    _compress(visit, response)
    sessions, now = visit.console.sessions, int(visit.console.now())
    cookie = visit.request.cookies.get(COOKIE, "")
    if visit.is_cross_site:
        # The browser left the cookie out, and a new one would take its place.
        return
    if visit.is_new or (not visit.is_live and sessions.is_due(cookie, now)):
        set_session(visit, response)


def _compress(visit: Visit, response: Response) -> None:
    # No other site can have a page made with words of its choice in it, to find out from
    # its length what else is there: the browser would leave the cookie out.
    if (
        isinstance(response, HTMLResponse)
        and len(response.body) >= LEAST_COMPRESSED
        and "gzip" in visit.request.headers.get("Accept-Encoding", "")
    ):
        response.body = gzip.compress(response.body, compresslevel=4, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.body))


def forget_session(visit: Visit) -> Response:
    """Return what has the browser forget the visit's session, and leads away."""
    visit.is_new = False
    where = visit.console.settings.proxy_logout_path or LOGIN
    answer = RedirectResponse(where, status_code=SEE_OTHER)
    answer.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="strict")
    return answer


def set_session(visit: Visit, response: Response) -> None:
    """Tell the browser the visit's session.

    Raises
    ------
    TooLongError
        If it has a token that is too long.
    """
    now = int(visit.console.now())
    visit.is_new = False
    response.set_cookie(
        COOKIE,
        visit.console.sessions.seal(visit.session, now),
        max_age=visit.console.sessions.ends_at(visit.session) - now,
        path=PATH,
        secure=visit.request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
