"""Compressed answers, decoded in bounded steps.

A megabyte of gzip can hold a gigabyte. The reader stops at its cap, so what matters is
that no single step makes more than it: each yields at most `STEP_BYTES`.
"""

import zlib
from collections.abc import Iterator
from typing import Final

import httpx

ACCEPT_ENCODING: Final = b"gzip, deflate"

STEP_BYTES: Final = 64 * 1024

_GZIP: Final = 16 + zlib.MAX_WBITS
_ZLIB: Final = zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS


class Inflater:
    """Decodes one gzip or deflate stream."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._inflate = zlib.decompressobj(_GZIP if encoding == "gzip" else _ZLIB)
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` decodes to, in parts of at most `STEP_BYTES`.

        Raises
        ------
        httpx.DecodingError
            If `data` is not what its encoding says.
        """
        while data:
            part = self._step(data)
            if part:
                yield part
            if self._inflate.eof:
                # A gzip file may be several, one after the other.
                data = self._inflate.unused_data if self._encoding == "gzip" else b""
                self._inflate = zlib.decompressobj(_GZIP)
                self._started = False
            else:
                data = self._inflate.unconsumed_tail

    def finish(self) -> None:
        """Raise `httpx.DecodingError` if the stream ended too early."""
        if self._started:
            raise httpx.DecodingError(f"the {self._encoding} content of the answer is cut short")

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


def inflater_for(encoding: str | None) -> Inflater | None:
    """Return what decodes a Content-Encoding, or None if its content is taken as it is."""
    name = (encoding or "").strip().lower()
    if name in ("gzip", "x-gzip"):
        return Inflater("gzip")
    return Inflater("deflate") if name == "deflate" else None
