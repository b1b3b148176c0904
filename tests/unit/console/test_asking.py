"""Asking the API: an answer of any size takes a bounded part of a page."""

from types import SimpleNamespace
from typing import Any

import pytest

from crontask_api.console.api.asking import MOST_SHOWN_BYTES, Answer, ask
from crontask_api.settings import Settings

HEADERS = {"host": "here"}


def visit(app: Any, token: str = "") -> Any:
    """Return what `ask` needs of a visit."""
    scope = {"asgi": {}, "scheme": "http", "client": ("127.0.0.1", 1), "server": ("here", 80)}
    request = SimpleNamespace(app=app, headers=HEADERS, scope=scope)
    console = SimpleNamespace(settings=Settings())
    return SimpleNamespace(request=request, session=SimpleNamespace(token=token), console=console)


@pytest.mark.parametrize("size", [MOST_SHOWN_BYTES, MOST_SHOWN_BYTES + 1, 5 * MOST_SHOWN_BYTES])
async def test_of_a_long_answer_the_begin_is_kept(size: int) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        for begin in range(0, size, 50_000):
            piece = b"x" * min(50_000, size - begin)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    answer = await ask(visit(app), "/p", {}, "")
    assert (answer.size, len(answer.text)) == (size, MOST_SHOWN_BYTES)
    assert answer.is_cut is (size > MOST_SHOWN_BYTES)


@pytest.mark.parametrize(("token", "sent"), [("t", [b"Bearer t"]), ("", [])])
async def test_a_field_of_the_form_is_no_other_header(token: str, sent: list[bytes]) -> None:
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope, body=(await receive())["body"])

    await ask(visit(app, token), "/p", {"X-A": "\u4e00\n", "Host": "evil"}, "\ud83d")
    headers = seen["headers"]
    assert [value for name, value in headers if name == b"authorization"] == sent
    assert [value for name, value in headers if name == b"host"] == [b"here"]
    assert (b"x-a", b"?\n") in headers
    assert seen["body"] == b"?"


def test_json_is_shown_a_field_a_line() -> None:
    assert Answer(body=bytearray(b'{"a":"\xe4\xb8\x80"}'), size=11).text == '{\n  "a": "\u4e00"\n}'
    for text in (b"no json", b"[" * 5000, b"\xff"):
        whole = Answer(body=bytearray(text), size=len(text))
        assert whole.text == text.decode("utf-8", "replace")
