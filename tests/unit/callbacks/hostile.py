"""Targets and specs that are meant to cost the operator time or memory."""

import gzip
import json
import zlib
from collections.abc import Callable

from crontask_core.enums import BodyType
from crontask_core.spec import Header, HttpCallback, SecretKeyRef
from tests.support.targets import Exchange, Script

MIB = 1024 * 1024
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PIECE = 64 * 1024

SECRET_HEADERS = tuple(
    Header(name=f"X-Key-{number}", secret_key_ref=SecretKeyRef(name="keys", key=f"key-{number}"))
    for number in range(32)
)


def pouring(head: bytes, content: bytes) -> Script:
    """Return a script that sends `content` piece by piece, to leave the loop its turns."""

    async def send(exchange: Exchange) -> None:
        await exchange.send(head)
        for start in range(0, len(content), PIECE):
            await exchange.send(content[start : start + PIECE])
        exchange.close()

    return send


def plain(content: bytes, headers: str = "") -> Script:
    """Return a script that answers with `content`."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n{headers}\r\n"
    return pouring(head.encode(), content)


def typed(content: bytes, charset: str) -> Script:
    """Return a script that answers with text in `charset`."""
    return plain(content, f"Content-Type: text/plain; charset={charset}\r\n")


def packed(content: bytes, encoding: str) -> Script:
    """Return a script that answers with compressed content."""
    return plain(content, f"Content-Encoding: {encoding}\r\n")


ANSWERS: dict[str, Callable[[], Script]] = {
    "long": lambda: plain(b"a" * 3 * MIB),
    "escapes": lambda: plain(b"%61" * MIB),
    "escapes in escapes": lambda: plain(b"%2561" * MIB),
    "backslashes": lambda: plain(b"\\" * 3 * MIB),
    "entities": lambda: plain(b"&#97;" * MIB),
    "wrong utf-16": lambda: typed(b"\x00\xdc" * MIB, "utf-16-le"),
    "wrong windows-1252": lambda: typed(b"\x81" * MIB, "cp1252"),
    "noise as gb18030": lambda: typed(bytes(range(256)) * (MIB // 256), "gb18030"),
    "a bomb of gzip": lambda: packed(gzip.compress(bytes(64 * MIB)), "gzip"),
    "a bomb of zlib": lambda: packed(zlib.compress(bytes(64 * MIB)), "deflate"),
    "small members": lambda: packed(gzip.compress(b"x" * 40) * (MIB // 40), "gzip"),
    "empty members": lambda: packed(gzip.compress(b"") * 100_000, "gzip"),
    "small chunks": lambda: pouring(CHUNKED, b"1\r\na\r\n" * MIB),
    "many headers": lambda: pouring(b"HTTP/1.1 200 OK\r\n", b"a:\r\n" * 100_000),
    "a long location": lambda: pouring(
        b"HTTP/1.1 302 Found\r\nLocation: /" + b"%61" * 20_000 + b"\r\n\r\n", b"a" * MIB
    ),
}
"""Each makes a script; they are big."""


def form(body: object) -> HttpCallback:
    """Return a callback with a form that is as long as a spec may hold."""
    text = json.dumps(body, ensure_ascii=False)
    assert len(text.encode()) <= 256 * 1024
    return HttpCallback(url="/", body=text, body_type=BodyType.FORM)


CALLBACKS: dict[str, Callable[[], HttpCallback]] = {
    "a form of many pairs": lambda: form({"a": [1] * 80_000}),
    "a form of many names": lambda: form({f"{number:x}": None for number in range(19_000)}),
    "a form with a long name": lambda: form({"n" * 130_000: [1] * 40_000}),
    "a form of wide characters": lambda: form({"a": "任" * 80_000}),
    "a form of lists": lambda: HttpCallback(
        url="/", body='{"a":' + "[" * 200_000, body_type=BodyType.FORM
    ),
    "a URL of escapes": lambda: HttpCallback(url="/" + '"' * 2000),
}
"""Callbacks to a path of a target."""
