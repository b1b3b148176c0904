"""The stream that tells open pages when something has changed, so that they ask anew.

It says that something changed, not what: the page then asks as it did at first, with the
same rights and the same answer. A change of a thousand tasks is one message.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from fastapi import Request, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.console.frame.rights import may
from crontask_api.console.frame.route import pages
from crontask_api.console.frame.stream import STILL_HERE, EventStream, message
from crontask_api.console.frame.visit import Visit, visit_of
from crontask_api.console.live.row import Key
from crontask_api.errors import FacadeError
from crontask_api.web.ticket import busy
from crontask_kube.errors import ApiError

PACES: Final = {str(seconds): float(seconds) for seconds in range(1, 11)}
"""Seconds between two messages, by what a page asks for: if something changes all the time,
it is asked for so often."""

QUIET_SECONDS: Final = 15.0
"""After which a stream says that it is still there, and looks whether it may go on."""

MOST_STREAMS: Final = 400
"""Of all visitors. A page without a stream asks now and then by itself."""

CHANGED: Final = "changed"
ENDED: Final = "ended"
"""The session is over; what the page does next leads to the login."""

router = pages()


@router.get("/console/events")
async def events(request: Request) -> Response:
    """Tell of changes of one task, or of any."""
    visit = visit_of(request)
    namespace, name = request.query_params.get("namespace"), request.query_params.get("name")
    key = (namespace, name) if namespace and name else None
    if visit.console.board.listening >= MOST_STREAMS:
        raise busy(503, "busy with the pages of others; this one asks now and then")
    query = request.query_params
    pace = PACES.get(query.get("pace", ""), PACES["1"])
    return EventStream(_changes(visit, key, query.get("since", ""), pace))


async def _changes(visit: Visit, key: Key | None, since: str, pace: float) -> AsyncIterator[str]:
    board = visit.console.board
    with board.listen(key) as listener:
        # While the page was made, or a browser kept it in the background.
        if since != board.stamp(key):
            listener.tell()
        yield STILL_HERE
        while await _goes_on(visit, key):
            if await listener.changed(QUIET_SECONDS):
                yield message("", CHANGED)
                await asyncio.sleep(pace)
            else:
                yield STILL_HERE
        yield message("", ENDED)


async def _goes_on(visit: Visit, key: Key | None) -> bool:
    """Return whether the visitor is still who they were and may still see it."""
    console, session = visit.console, visit.session
    if console.now() >= console.sessions.ends_at(session):
        return False
    try:
        identity = await console.authenticator.authenticate(visit.evidence(session.token))
        if console.settings.auth.takes_tokens and await console.logouts.is_over(
            identity.name, session
        ):
            return False
        return key is None or await may(visit, Verb.LIST, key[0])
    except ApiError:
        # The API server is away, which the page tells; it knows no more than it did.
        return True
    except FacadeError:
        return False
