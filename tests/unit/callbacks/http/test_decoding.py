"""Decompression in bounded steps."""

import gzip
import zlib

import httpx
import pytest

from crontask_operator.callbacks.http.decoding import (
    SPARE_BYTES,
    STEP_BYTES,
    Inflater,
    inflater_for,
)

ZEROS = 20_000_000


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [("gzip", gzip.compress(bytes(ZEROS))), ("deflate", zlib.compress(bytes(ZEROS)))],
    ids=["gzip", "deflate"],
)
def test_no_step_makes_more_than_its_bound(encoding: str, bomb: bytes) -> None:
    inflater = inflater_for(encoding)
    assert inflater is not None
    total = 0
    for part in inflater.feed(bomb):
        assert 0 < len(part) <= STEP_BYTES
        total += len(part)
    inflater.finish()
    assert total == ZEROS


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_it_does_not_matter_where_content_is_cut(encoding: str) -> None:
    text = b"hello world, " * 3
    content = gzip.compress(text) if encoding == "gzip" else zlib.compress(text)
    for cut in range(len(content) + 1):
        inflater = inflater_for(encoding)
        assert inflater is not None
        parts = [*inflater.feed(content[:cut]), *inflater.feed(content[cut:])]
        inflater.finish()
        assert b"".join(parts) == text


@pytest.mark.parametrize("encoding", [None, "", "identity", ", Identity"])
def test_plain_content_is_taken_as_it_is(encoding: str | None) -> None:
    assert inflater_for(encoding) is None


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x" * 60_000])
def test_what_was_not_asked_for_is_named(encoding: str) -> None:
    inflater = inflater_for(encoding)
    assert inflater is not None
    with pytest.raises(httpx.DecodingError, match="which cannot be decoded") as caught:
        list(inflater.feed(b"x"))
    assert repr(encoding[:64]) in str(caught.value)
    assert len(str(caught.value)) < 300
    inflater.finish()


def test_one_encoding_is_found_beside_none_at_all() -> None:
    inflater = inflater_for("identity, GZIP")
    assert inflater is not None
    assert b"".join(inflater.feed(gzip.compress(b"hello"))) == b"hello"


NOTHING = {
    "gzip": gzip.compress(b""),
    # Blocks that hold nothing and are not the last.
    "deflate": b"\x00\x00\x00\xff\xff",
}


def feed_endlessly(inflater: Inflater, nothing: bytes) -> None:
    for _ in range(100 * SPARE_BYTES // len(nothing)):
        assert list(inflater.feed(nothing)) == []


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("size", [1000, 400_000], ids=["in small parts", "in large parts"])
def test_content_that_decodes_to_nothing_ends(encoding: str, size: int) -> None:
    inflater = Inflater(encoding)
    if encoding == "deflate":
        assert list(inflater.feed(b"\x78\x9c")) == []
    with pytest.raises(httpx.DecodingError, match="much longer than what it holds"):
        feed_endlessly(inflater, NOTHING[encoding] * (size // len(NOTHING[encoding])))


def test_many_members_are_decoded_if_they_hold_something() -> None:
    inflater = inflater_for("gzip")
    assert inflater is not None
    line = b"a line of a log, compressed by itself\n"
    content = gzip.compress(line) * 20_000
    parts = [
        part
        for at in range(0, len(content), 99_999)
        for part in inflater.feed(content[at : at + 99_999])
    ]
    inflater.finish()
    assert b"".join(parts) == line * 20_000
