"""The files that pages refer to. Their names change with what is in them."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from crontask_api.console.frame.console import console_of

router = APIRouter(include_in_schema=False)


@router.get("/console/assets/{name}")
async def asset(request: Request, name: str) -> Response:
    """Return a file, for the browser to keep for ever."""
    found = console_of(request).assets.find(name)
    if found is None:
        return PlainTextResponse("no such file", status_code=404)
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
    }
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(found.compressed, media_type=found.media_type, headers=headers)
    return Response(found.plain, media_type=found.media_type, headers=headers)
