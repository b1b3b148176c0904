"""What the facade says of a fault in the middle of a request, to its log and its client."""

import pytest
from starlette.types import Message, Receive, Scope, Send

from crontask_api.metrics import Metrics
from crontask_api.web.access import Access
from tests.unit.logs.conftest import Logged
from tests.unit.logs.planted import ALL, SECRET, TOKEN


def request(path: str) -> Scope:
    """Return the ASGI scope of a request with planted secrets."""
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": f"key={SECRET}".encode(),
        "headers": [(b"authorization", TOKEN.encode()), (b"x-request-id", b"the-one")],
        "client": ("127.0.0.1", 1),
    }


@pytest.mark.parametrize("planted", ALL.values(), ids=ALL)
async def test_a_fault(logged: Logged, planted: str) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        authorization = dict(scope["headers"])[b"authorization"].decode()
        raise RuntimeError(f"cannot send {authorization}, {planted}")

    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    access = Access(broken, metrics=Metrics())
    await access(request(f"/crontab/x?key={SECRET}"), receive, send)

    text = logged()
    assert "RuntimeError" in text
    assert "in broken" in text
    assert "the-one" in text
    assert SECRET not in text + str(sent)
