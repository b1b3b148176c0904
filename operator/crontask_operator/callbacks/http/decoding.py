"""decoding decompresses answers in bounded steps, for `Exchange`.

A megabyte of gzip can hold a gigabyte. The reader stops at its cap, so what matters is
that no single step makes more than it: each yields at most `STEP_BYTES`. Content that
decodes to nothing never meets the cap, so how much of that may come is bounded here.
"""

import zlib
from collections.abc import Iterator
from typing import Final

import httpx

ACCEPT_ENCODING: Final = b"gzip, deflate"

STEP_BYTES: Final = 16 * 1024

INPUT_BYTES: Final = 16 * 1024
"""Bytes that zlib is given at a time. It copies what it has not used yet at each step."""

SPARE_BYTES: Final = 64 * 1024
SPARE_FACTOR: Final = 2
"""Compressed content may be this much longer than what it holds, in bytes and in times:
empty members and empty blocks are valid, and there is no end to them."""

PLAIN: Final = ("", "identity")
ENCODING_SHOWN: Final = 64
"""Characters of an unknown encoding's name that a record tells."""

_GZIP: Final = 16 + zlib.MAX_WBITS
_ZLIB: Final = zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS


class Inflater:
    """Decodes one gzip or deflate stream."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._inflate = zlib.decompressobj(_GZIP if encoding == "gzip" else _ZLIB)
        self._started = False
        self._taken = 0
        self._made = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` decodes to, in parts of at most `STEP_BYTES`.

        Raises
        ------
        httpx.DecodingError
            If `data` is not what its encoding says, or much longer than what it holds.
        """
        for start in range(0, len(data), INPUT_BYTES):
            yield from self._feed(data[start : start + INPUT_BYTES])

    def finish(self) -> None:
        """Raise `httpx.DecodingError` if the stream ended too early."""
        if self._started:
            raise httpx.DecodingError(f"the {self._encoding} content of the answer is cut short")

    def _feed(self, data: bytes) -> Iterator[bytes]:
        self._taken += len(data)
        while data:
            part = self._step(data)
            if part:
                self._made += len(part)
                yield part
            if self._inflate.eof:
                # A gzip file may be several, one after the other.
                data = self._inflate.unused_data if self._encoding == "gzip" else b""
                self._inflate = zlib.decompressobj(_GZIP)
                self._started = False
            else:
                data = self._inflate.unconsumed_tail
        if self._taken > SPARE_BYTES + SPARE_FACTOR * self._made:
            raise httpx.DecodingError(
                f"the {self._encoding} content of the answer is much longer than what it holds"
            )

    def _step(self, data: bytes) -> bytes:
        try:
            part = self._inflate.decompress(data, STEP_BYTES)
        except zlib.error as error:
            if self._started or self._encoding == "gzip":
                raise httpx.DecodingError(
                    f"the answer is not the {self._encoding} content that it claims to be"
                ) from error
            # Some servers take "deflate" for the bare format without zlib's header.
            self._inflate = zlib.decompressobj(_RAW)
            self._started = True
            return self._step(data)
        self._started = True
        return part


class Undecodable:
    """Stands for an encoding that nobody asked for; only no content at all can be decoded."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding[:ENCODING_SHOWN]

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Raise `httpx.DecodingError`."""
        raise httpx.DecodingError(
            f"the answer came in the encoding {self._encoding!r}, which cannot be decoded; "
            f"the request said Accept-Encoding: {ACCEPT_ENCODING.decode()}"
        )

    def finish(self) -> None:
        """Do nothing: there was no content."""


def inflater_for(encoding: str | None) -> Inflater | Undecodable | None:
    """Return what decodes a Content-Encoding, or None if its content is taken as it is."""
    if encoding is None:
        return None
    names = [name for name in encoding.replace(" ", "").lower().split(",") if name not in PLAIN]
    match names:
        case []:
            return None
        case ["gzip" | "x-gzip"]:
            return Inflater("gzip")
        case ["deflate"]:
            return Inflater("deflate")
    return Undecodable(encoding)
