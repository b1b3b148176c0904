"""A picture with a palette is the same picture, and smaller."""

import struct
import zlib
from typing import Final

import pytest

from dev.png import SIGNATURE, _chunk, _decoded, with_palette

WIDTH: Final = 40


def _picture(pixels: list[bytes], kinds: list[int], depth: int = 8) -> bytes:
    """Return the PNG of `pixels`, with a filter for each row in turn."""
    rows, above = b"", bytes(3 * WIDTH)
    for number, begin in enumerate(range(0, len(pixels), WIDTH)):
        plain = b"".join(pixels[begin : begin + WIDTH])
        kind = kinds[number % len(kinds)]
        row = bytearray()
        for at, value in enumerate(plain):
            left = plain[at - 3] if at >= 3 else 0
            corner = above[at - 3] if at >= 3 else 0
            guess = left + above[at] - corner
            paeth = sorted((left, above[at], corner), key=lambda each: abs(guess - each))[0]
            row.append((value - (0, left, above[at], (left + above[at]) // 2, paeth)[kind]) & 255)
        rows += bytes([kind]) + row
        above = plain
    header = struct.pack(">IIBBBBB", WIDTH, len(pixels) // WIDTH, depth, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(*each) for each in chunks)


def _indexed(png: bytes) -> list[bytes]:
    """Return the pixels of a picture with a palette and without filters."""
    palette = png[png.index(b"PLTE") + 4 :]
    begin = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[begin - 4 : begin])
    rows = zlib.decompress(png[begin + 4 : begin + 4 + length])
    return [
        palette[3 * index : 3 * index + 3]
        for row in range(0, len(rows), WIDTH + 1)
        for index in rows[row + 1 : row + 1 + WIDTH]
    ]


@pytest.mark.parametrize("kinds", [[0], [1], [2], [3], [4], [0, 1, 2, 3, 4]])
def test_few_colours_stay_as_they_are(kinds: list[int]) -> None:
    pixels = [bytes([at % 5 * 50, at % 7 * 30, at % 6]) for at in range(WIDTH * 15)]
    picture = _picture(pixels, kinds)
    assert _decoded(picture) == (WIDTH, 15, pixels)
    small = with_palette(picture)
    assert 200 < len(set(pixels)) <= 256
    assert _indexed(small) == pixels


def test_a_rare_colour_becomes_the_nearest() -> None:
    often = [bytes([at, 0, 0]) for at in range(256)] * 50
    pixels = [*often[1:], bytes([100, 1, 0])]
    assert _indexed(with_palette(_picture(pixels, [0])))[-1] == bytes([100, 0, 0])


def test_a_small_mark_keeps_its_colour() -> None:
    often = [bytes([at % 256, at // 256, 0]) for at in range(400)] * 20
    mark = bytes([0, 200, 200])
    assert _indexed(with_palette(_picture([*often, *[mark] * WIDTH], [0])))[-1] == mark


def test_another_kind_of_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a PNG"):
        with_palette(b"GIF89a")
    with pytest.raises(ValueError, match="found 16"):
        with_palette(_picture([bytes(3)] * WIDTH, [0], depth=16))
