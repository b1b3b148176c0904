"""API: the reference of the HTTP API, and each endpoint to be tried with one's own rights."""

from typing import Any, Final

from fastapi import Request, Response

from crontask_api.console.api.asking import Answer, ask
from crontask_api.console.api.endpoints import PATH, Endpoint, endpoints
from crontask_api.console.frame.page import page
from crontask_api.console.frame.route import pages
from crontask_api.console.frame.visit import Visit, visit_of
from crontask_api.errors import RequestError
from crontask_api.reference.numbers import CODES, STATES
from crontask_api.reference.prose import prose
from crontask_api.routes.described import REFUSALS

HEADER_FIELD: Final = "header."
"""Begin of the names of a form's fields that hold a header."""

MOST_LINES: Final = 24
"""Lines of a body that are seen at once."""

router = pages()


@router.get(PATH)
async def reference(request: Request) -> Response:
    """Show what all endpoints have in common."""
    visit = visit_of(request)
    description = request.app.openapi()["info"]["description"]
    numbers = (("state", STATES), ("code", CODES))
    return page(
        visit,
        "api",
        section="api",
        endpoints=endpoints(request.app.openapi()),
        paragraphs=[prose(part) for part in description.split("\n\n")],
        numbers=[
            (name, [(number, prose(meaning)) for number, meaning in some.items()])
            for name, some in numbers
        ],
        refusals=REFUSALS.items(),
        shown=None,
    )


@router.get(PATH + "/{name}")
async def endpoint(request: Request, name: str) -> Response:
    """Show one endpoint."""
    visit = visit_of(request)
    found = _found(visit, name)
    return page(visit, "api", **_values(visit, found, found.section.request, {}, None))


@router.post(PATH + "/{name}")
async def try_it(request: Request, name: str) -> Response:
    """Send a request to it, and show what came back."""
    visit = visit_of(request)
    found = _found(visit, name)
    if not found.can_be_tried:
        raise RequestError(visit.language.text("error.form"))
    body = visit.field("body")
    headers = {
        row.name: value
        for row in found.section.headers
        if (value := visit.field(HEADER_FIELD + row.name).strip())
    }
    answer = await ask(visit, found.section.path, headers, body)
    return page(visit, "api", **_values(visit, found, body, headers, answer))


def _found(visit: Visit, name: str) -> Endpoint:
    for each in endpoints(visit.request.app.openapi()):
        if each.section.anchor == name:
            return each
    raise RequestError(visit.language.text("error.not_found"), status=404)


def _values(
    visit: Visit, found: Endpoint, body: str, headers: dict[str, str], answer: Answer | None
) -> dict[str, Any]:
    return {
        "section": "api",
        "endpoints": endpoints(visit.request.app.openapi()),
        "shown": found,
        "body": body,
        "lines": min(MOST_LINES, body.count("\n") + 2),
        "headers": [
            (row.name, HEADER_FIELD + row.name, headers.get(row.name, ""))
            for row in found.section.headers
        ],
        "answer": answer,
        "took": "" if answer is None else visit.language.span(answer.seconds),
    }
