"""Logging out everywhere: on each machine and in each browser at once."""

from typing import Final

import structlog
from fastapi import Request, Response

from crontask_api.console.frame.route import forget_session, pages
from crontask_api.console.frame.visit import visit_of
from crontask_api.deadline import within

router = pages()
_log: Final = structlog.get_logger(__name__)


@router.post("/console/logout/everywhere")
async def log_out_everywhere(request: Request) -> Response:
    """End all sessions of the visitor."""
    visit = visit_of(request)
    console = visit.console
    if console.settings.auth.takes_tokens:
        async with within(console.settings.request_timeout_seconds):
            await console.logouts.end_all(visit.identity.name)
        _log.info("logged out everywhere", user=visit.identity.name, client=visit.address)
    return forget_session(visit)
