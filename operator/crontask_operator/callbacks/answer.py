"""An HTTP answer as far as it was read, and what is made of it."""

import codecs
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from crontask_core.enums import Reason
from crontask_core.expect import CompiledExpect
from crontask_operator.callbacks.base import CallResult
from crontask_operator.callbacks.exchange import Exchange
from crontask_operator.callbacks.redact import Redactor
from crontask_operator.callbacks.retry_after import retry_after_seconds

UTF_8: Final = "utf-8"

CHARSETS: Final = (
    "ascii",
    "big5",
    "cp125",
    "cp866",
    "cp874",
    "cp932",
    "cp936",
    "cp949",
    "cp950",
    "euc_",
    "gb",
    "iso8859-",
    "koi8-",
    "shift_jis",
    "utf-16",
)
"""Beginnings of the codec names that an answer may ask for. Python has others, which
are no charsets of the web or take quadratic time."""


@dataclass(slots=True)
class Answer:
    """What has arrived so far. It outlives a timeout, so that the record can tell it.

    `cap` bounds the body in bytes after decompression.
    """

    cap: int
    redactor: Redactor = field(default_factory=Redactor)
    code: int | None = None
    location: str | None = None
    charset: str = UTF_8
    retry_after: float | None = None
    truncated: bool = False
    _chunks: list[bytes] = field(default_factory=list)
    _size: int = 0

    async def read(self, exchange: Exchange, now: datetime) -> None:
        """Take head and content of the answer, up to the cap."""
        head = exchange.head
        self.code = head.status
        self.location = head.get(b"location")
        self.charset = _charset(head.get(b"content-type") or "")
        self.retry_after = retry_after_seconds(head.get(b"retry-after"), now)
        async for chunk in exchange:
            room = self.cap - self._size
            if len(chunk) > room:
                self._chunks.append(chunk[:room])
                self._size = self.cap
                self.truncated = True
                return
            self._chunks.append(chunk)
            self._size += len(chunk)

    def judge(self, expect: CompiledExpect) -> CallResult:
        """Return the result of a complete answer."""
        body = self._body()
        if self.charset != UTF_8:
            body = body.decode(self.charset, "replace").encode()
        code = self.code or 0
        verdict = expect.judge(code, body, self.truncated)
        error = verdict.error
        if verdict.reason is Reason.UNEXPECTED_STATUS and 300 <= code < 400 and self.location:
            error += f", a redirect to {self.location!r} which was not followed"
        return self.result(verdict.reason, error)

    def result(self, reason: Reason, error: str) -> CallResult:
        """Return the result of an exchange that ended with `reason`, free of secrets."""
        text = self._body().decode(self.charset, "replace")
        return CallResult(
            reason=reason,
            code=self.code,
            response=self.redactor.clean(text, cut=self.truncated),
            truncated=self.truncated,
            error=self.redactor.clean(error),
            retry_after=self.retry_after,
        )

    def _body(self) -> bytes:
        if len(self._chunks) != 1:
            self._chunks = [b"".join(self._chunks)]
        return self._chunks[0]


def _charset(content_type: str) -> str:
    """Return the codec that a Content-Type's charset parameter names, or UTF-8."""
    _, found, parameter = content_type.lower().partition("charset=")
    if not found:
        return UTF_8
    try:
        name = codecs.lookup(parameter.partition(";")[0].strip(" \t\"'")).name
    except (LookupError, ValueError):
        return UTF_8
    return name if name.startswith(CHARSETS) else UTF_8
