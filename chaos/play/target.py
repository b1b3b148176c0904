"""target reads what the echo server has received, for the judge."""

import httpx
import msgspec

from chaos.evidence import Call
from dev.programs import Program
from dev.readiness import loopback_client

READ_SECONDS = 60.0
"""Bound on reading tens of thousands of calls on a busy machine."""

_NAMED = "x-crontask-execution-id"


class _Received(msgspec.Struct):
    headers: dict[str, str]
    arrived: float


_decode = msgspec.json.Decoder(list[_Received]).decode


def calls_of(echo: Program, namespace: str) -> list[Call]:
    """Return the calls of the tasks of `namespace` that have arrived so far."""
    with loopback_client(echo.url, timeout=READ_SECONDS) as client:
        answer: httpx.Response = client.get("/_received").raise_for_status()
    return [
        Call.of(request.headers, request.arrived)
        for request in _decode(answer.content)
        if _NAMED in request.headers and request.headers["x-crontask-namespace"] == namespace
    ]
