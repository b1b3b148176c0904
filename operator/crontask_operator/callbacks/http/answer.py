"""Answer collects what was read of an HTTP answer, and makes the attempt's result of it."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from crontask_core.constants import RECORD_BODY_BYTES
from crontask_core.enums import Reason
from crontask_core.expect import Verdict
from crontask_core.truncate import truncate
from crontask_operator.callbacks.answer_bounds import kept_bytes
from crontask_operator.callbacks.answer_memory import FREE_BYTES, Room
from crontask_operator.callbacks.base import CallResult
from crontask_operator.callbacks.connection.response_parser import Head
from crontask_operator.callbacks.http.charsets import charset_of, decoder_of
from crontask_operator.callbacks.http.exchange import Exchange
from crontask_operator.callbacks.http.retry_after import retry_after_seconds
from crontask_operator.callbacks.secrets.redaction import Redactor

LOCATION_SHOWN: Final = 256
"""Characters of a Location that an error tells."""

ERROR_BYTES: Final = 2048
"""Bytes of an error. Parts of it may be a target's words."""

ERROR_LOOKED_AT: Final = 8192
"""Characters of an error that are cleaned, the rest being dropped."""


@dataclass(slots=True, repr=False)
class Answer:
    """What has arrived so far. It outlives a timeout, so that the record can tell it.

    `cap` bounds the body in bytes after decompression, `kept` what stays of its text, in
    bytes of UTF-8, unless an expression is to be matched with all of it.
    """

    cap: int
    kept: int = kept_bytes(RECORD_BODY_BYTES)
    redactor: Redactor = field(default_factory=Redactor)
    code: int | None = None
    location: str | None = None
    retry_after: float | None = None
    text: bytearray = field(default_factory=bytearray)
    """The body in UTF-8, or its beginning."""
    complete: bool = False
    truncated: bool = False
    refused_redirect: str = ""
    """Why a redirect that was to be followed was not."""
    _size: int = 0
    _text_size: int = 0
    _decoder: codecs.IncrementalDecoder | None = None

    def begin(self, head: Head, now: Callable[[], datetime]) -> None:
        """Take the head of the answer. `now` is the wall clock."""
        self.code = head.status
        values = head.values
        if b"location" in values:
            self.location = head.get(b"location")
        # Most have no parameter, and so no charset.
        if b"=" in values.get(b"content-type", b""):
            self._decoder = decoder_of(charset_of(head.get(b"content-type") or ""))
        if b"retry-after" in values:
            self.retry_after = retry_after_seconds(head.get(b"retry-after"), now())

    async def read(self, exchange: Exchange, room: Room | None = None) -> None:
        """Take the content of the answer, up to the cap.

        The whole text is kept if there is `room`, which is taken for a long one.
        """
        if exchange.in_hand <= min(FREE_BYTES, self.cap) and self._decoder is None:
            # So is nearly every answer: it has arrived in one piece with its head.
            self._add(exchange.take(), room is not None)
            self.complete = True
            return
        async for chunk in exchange:
            left = self.cap - self._size
            if room is not None and len(self.text) + len(chunk) > FREE_BYTES:
                size = self._text_bound(exchange.head)
                if not room.take_now(size):
                    exchange.pause()
                    await room.take(size)
            self._add(chunk[:left] if len(chunk) > left else chunk, room is not None)
            if len(chunk) > left:
                self.truncated = True
                return
        if self._decoder is not None:
            self._keep(self._decoder.decode(b"", True).encode(), room is not None)
        self.complete = True

    def result(self, reason: Reason, error: str) -> CallResult:
        """Return the result of an exchange that ended with `reason`, free of secrets."""
        cut = not self.complete or self._text_size > self.kept
        # A character that was cut is left out whole: a part of it would hide a cut value.
        text, _ = codecs.utf_8_decode(self.text[: self.kept], "replace", not cut)
        return CallResult(
            reason=reason,
            code=self.code,
            response=self.redactor.clean(text, cut=cut),
            response_bytes=self._text_size if self._text_size > self.kept else None,
            truncated=self.truncated,
            error=clean_error(error, self.redactor),
            retry_after=self.retry_after,
        )

    def judged(self, verdict: Verdict) -> CallResult:
        """Return the result of a complete answer that was judged."""
        error = verdict.error
        redirected = self.code is not None and 300 <= self.code < 400 and self.location
        if verdict.reason is Reason.UNEXPECTED_STATUS and redirected:
            error += f", a redirect to {self._shown_location()} which was not followed"
            if self.refused_redirect:
                error += f": {self.refused_redirect}"
        return self.result(verdict.reason, error)

    def _text_bound(self, head: Head) -> int:
        """Return how many bytes the whole text of the answer with `head` may have."""
        # In UTF-8, a byte of another charset becomes at most three.
        factor = 1 if self._decoder is None else 3
        length = head.get(b"content-length") or ""
        if head.get(b"content-encoding") is None and length.isascii() and length.isdigit():
            return min(self.cap, int(length[:20])) * factor
        return self.cap * factor

    def _shown_location(self) -> str:
        location = self.location or ""
        cut = len(location) > LOCATION_SHOWN
        shown = self.redactor.clean(location[:LOCATION_SHOWN], cut=cut)
        return repr(f"{shown}..." if cut else shown)

    def _add(self, chunk: bytes, whole: bool) -> None:
        self._size += len(chunk)
        if self._decoder is not None:
            chunk = self._decoder.decode(chunk).encode()
        self._keep(chunk, whole)

    def _keep(self, text: bytes, whole: bool) -> None:
        self._text_size += len(text)
        room = self.kept - len(self.text)
        if whole or len(text) <= room:
            self.text += text
        elif room > 0:
            self.text += text[:room]


def clean_error(error: str, redactor: Redactor) -> str:
    """Return `error` free of secrets, in at most `ERROR_BYTES` bytes."""
    if not error:
        return error
    cut = len(error) > ERROR_LOOKED_AT
    cleaned = redactor.clean(error[:ERROR_LOOKED_AT], cut=cut)
    return truncate(cleaned, ERROR_BYTES, more=cut)
