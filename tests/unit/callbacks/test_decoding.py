"""Decompression in bounded steps."""

import gzip
import zlib

import pytest

from crontask_operator.callbacks.decoding import STEP_BYTES, inflater_for

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


@pytest.mark.parametrize("encoding", [None, "", "identity", "br", "zstd", "gzip, gzip"])
def test_what_was_not_asked_for_is_taken_as_it_is(encoding: str | None) -> None:
    assert inflater_for(encoding) is None
