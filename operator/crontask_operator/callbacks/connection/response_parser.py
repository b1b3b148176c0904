"""response_parser reads HTTP/1.1 answers by llhttp, Node.js's parser, for `Connection`.

What llhttp leaves open is decided here: which of several heads is the answer's, where a
body ends that has no length (RFC 9112, section 6.3), and what may follow it.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import httptools
import httpx

MAX_HEAD_BYTES: Final = 64 * 1024
"""Bound of status line and headers, those of interim answers included. Servers commonly
send less than 8 KiB."""

MAX_HEADERS: Final = 1000
"""Bound of the number of headers, interim answers included."""

MAX_HEADER_BYTES: Final = 16 * 1024
"""Bytes that may come without completing a header, which the parser holds until then."""

USED: Final = {
    b"content-encoding": 1024,
    b"content-length": 1024,
    b"content-type": 1024,
    b"location": 8192,
    b"retry-after": 1024,
}
"""Headers that anybody asks for, and the bytes that are kept of their values. Of all
others nothing is: a target may send many and hang."""

CUT: Final = b"\xff"
"""Ends a value that was cut, so that it is never taken for a whole one."""

SPARE_BYTES: Final = 64 * 1024
SPARE_FACTOR: Final = 8
"""What frames a body (sizes of chunks, their extensions, trailers) may take these bytes
at a stretch, and in all these bytes and this many times the body. The smallest chunk is
one byte in six."""


class Head(NamedTuple):
    """Status of an answer and those of its headers that are `USED`.

    `values` are by names in lower case. If a header came several times, its values are
    joined.
    """

    status: int
    values: Mapping[bytes, bytes]

    def get(self, name: bytes) -> str | None:
        """Return the value of the header `name`, in lower case; of several, all of them.

        Every byte is a character of it, as RFC 9110 has it for what is not ASCII.
        """
        value = self.values.get(name)
        return None if value is None else value.decode("iso-8859-1")


class ResponseParser:
    """Parses the answers of one connection, one after the other.

    Attributes
    ----------
    head
        The answer's head, once it is complete. Interim answers (1xx) are passed over.
    complete
        Whether the whole answer was parsed.
    keep_alive
        Whether another answer may follow the complete one.
    buffered
        Bytes of the body that wait to be taken.
    """

    def __init__(self) -> None:
        self.head: Head | None = None
        self.complete = False
        self.keep_alive = False
        self.buffered = 0
        self._parser = httptools.HttpResponseParser(self)
        self._bodiless = False
        self._status = 0
        self._values: dict[bytes, bytes] = {}
        self._framed = False
        self._chunks: list[bytes] = []
        self._count_afresh()

    def begin(self, *, bodiless: bool) -> None:
        """Expect the next answer. `bodiless` says that it has no body, as to HEAD."""
        self.head = None
        self.complete = False
        self._bodiless = bodiless
        self._count_afresh()

    def feed(self, data: bytes | memoryview) -> None:
        """Parse `data`.

        Raises
        ------
        httpx.RemoteProtocolError
            If it is no HTTP, or longer than what it holds may ask for.
        """
        in_head, body_bytes, headers = self.head is None, self._body_bytes, self._header_count
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._finish(keep_alive=False)
        except httptools.HttpParserError as error:
            self.keep_alive = False
            if not self.complete:
                message = f"the answer is no valid HTTP: {error}"
                raise httpx.RemoteProtocolError(message) from error
        if in_head:
            self._count_head(len(data), self._header_count - headers)
        elif not self.complete:
            self._count_frame(len(data), self._body_bytes - body_bytes)

    def feed_eof(self) -> None:
        """Take the end of the stream for the end of a body that has no length."""
        if self.head is not None and not self.complete and not self._framed:
            self._finish(keep_alive=False)

    def take(self) -> bytes:
        """Return the buffered part of the body, and forget it."""
        chunks = self._chunks
        self._chunks = []
        self.buffered = 0
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    # What llhttp calls.

    def on_message_begin(self) -> None:
        """Begin a head, be it of an interim answer or of one that nobody asked for."""
        if self.complete:
            self.keep_alive = False
        self._values = {}
        self._framed = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header if it is used. Those after the body (trailers) are not."""
        if self.head is not None:
            return
        self._header_count += 1
        self._header_bytes += len(name) + len(value)
        name = name.lower()
        if (bound := USED.get(name)) is not None:
            kept = self._values.get(name)
            whole = value if kept is None else b"%b, %b" % (kept, value)
            self._values[name] = whole if len(whole) <= bound else whole[:bound] + CUT
            if name == b"content-length":
                self._framed = True
        elif name == b"transfer-encoding" and value.lower().endswith(b"chunked"):
            self._framed = True

    def on_headers_complete(self) -> None:
        """Complete the head, unless it is an interim one."""
        self._status = self._parser.get_status_code()
        if self.complete or _is_interim(self._status):
            return
        self.head = Head(self._status, self._values)
        if self._bodiless:
            # llhttp does not know the request's method and would wait for the body.
            self._finish(keep_alive=False)

    def on_body(self, body: bytes) -> None:
        """Buffer a part of the body."""
        if not self.complete:
            self._chunks.append(body)
            self.buffered += len(body)
            self._body_bytes += len(body)

    def on_message_complete(self) -> None:
        """Complete the answer, unless it is an interim one."""
        if not (self.complete or _is_interim(self._status)):
            self._finish(keep_alive=self._parser.should_keep_alive())

    def _count_afresh(self) -> None:
        self._head_bytes = 0
        self._header_count = 0
        self._header_bytes = 0
        self._open_bytes = 0
        self._body_bytes = 0
        self._spare_bytes = 0
        self._stretch_bytes = 0

    def _count_head(self, size: int, of_headers: int) -> None:
        """Count `size` bytes before the end of the head, or with it, and `of_headers`."""
        if self.head is None:
            self._head_bytes += size
            self._open_bytes = 0 if of_headers else self._open_bytes + size
        if max(self._head_bytes, self._header_bytes) > MAX_HEAD_BYTES:
            problem = f"head is longer than {MAX_HEAD_BYTES} bytes"
        elif self._header_count > MAX_HEADERS:
            problem = f"head has more than {MAX_HEADERS} headers"
        elif self._open_bytes > MAX_HEADER_BYTES:
            problem = f"head has a header longer than {MAX_HEADER_BYTES} bytes"
        else:
            return
        self.head = None
        self.complete = self.keep_alive = False
        raise httpx.RemoteProtocolError(f"the answer's {problem}")

    def _count_frame(self, size: int, of_body: int) -> None:
        """Count `size` bytes that came after the head, `of_body` of which were content."""
        self._spare_bytes += size - of_body
        self._stretch_bytes = 0 if of_body else self._stretch_bytes + size
        if self._stretch_bytes <= SPARE_BYTES and (
            self._spare_bytes <= SPARE_BYTES + SPARE_FACTOR * self._body_bytes
        ):
            return
        self.keep_alive = False
        raise httpx.RemoteProtocolError(
            "the answer has too many bytes beside its content: chunk extensions or trailers"
        )

    def _finish(self, *, keep_alive: bool) -> None:
        self.complete = True
        self.keep_alive = keep_alive


def _is_interim(status: int) -> bool:
    # 101 is final: nothing follows it that would be HTTP.
    return 100 <= status < 200 and status != 101
