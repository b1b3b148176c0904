"""with_palette makes a picture of a page small, for those that are kept in the repository.

A page has few colours besides the shades at the edges of its letters. So 256 of them are
kept, and each further one becomes the nearest of these: a picture takes a third then. The
most frequent ones are kept, and of the rest those that are most unlike all that are: a small
mark may be the only thing of its colour.

Source: the PNG specification, third edition, sections 9 to 11.
"""

import struct
import zlib
from collections import Counter
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
COLOURS: Final = 256
FREQUENT: Final = 160
"""Of these, how many are kept because there is much of them."""

_CHANNELS: Final = {2: 3, 6: 4}
"""Bytes of a pixel, by colour type: with and without alpha."""


def with_palette(png: bytes) -> bytes:
    """Return the picture `png`, of eight bits a channel and opaque, with a palette.

    Raises
    ------
    ValueError
        If it is another kind of picture.
    """
    width, height, pixels = _decoded(png)
    counts = Counter(pixels)
    palette = _palette(counts)
    places = {colour: place for place, colour in enumerate(palette)}
    for colour in counts:
        if colour not in places:
            places[colour] = min(range(COLOURS), key=lambda at: _distance(palette[at], colour))
    indexed = bytes(places[colour] for colour in pixels)
    rows = b"".join(
        b"\0" + indexed[begin : begin + width] for begin in range(0, width * height, width)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"PLTE", b"".join(palette)),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks)


def _palette(counts: Counter[bytes]) -> list[bytes]:
    palette = [colour for colour, _ in counts.most_common(FREQUENT)]
    away = {
        colour: min(_distance(colour, kept) for kept in palette) * count
        for colour, count in counts.items()
    }
    while len(palette) < min(COLOURS, len(counts)):
        farthest = max(away, key=lambda colour: away[colour])
        palette.append(farthest)
        for colour, distance in away.items():
            if distance:
                nearer = _distance(colour, farthest) * counts[colour]
                away[colour] = min(distance, nearer)
    return palette


def _distance(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def _decoded(png: bytes) -> tuple[int, int, list[bytes]]:
    """Return width, height, and the colour of each pixel in three bytes."""
    if not png.startswith(SIGNATURE):
        raise ValueError("expected a PNG")
    place, data, header = len(SIGNATURE), b"", b""
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        kind = png[place + 4 : place + 8]
        content = png[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            header = content
        elif kind == b"IDAT":
            data += content
        place += length + 12
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", header)
    if depth != 8 or colour not in _CHANNELS or interlace:
        raise ValueError(f"expected eight bits and no interlacing, found {depth} and {interlace}")
    channels = _CHANNELS[colour]
    rows = _unfiltered(zlib.decompress(data), width * channels, height, channels)
    pixels = [
        bytes(row[begin : begin + 3])
        for row in rows
        for begin in range(0, width * channels, channels)
    ]
    return width, height, pixels


def _unfiltered(data: bytes, size: int, height: int, step: int) -> list[bytearray]:
    """Return the rows of a picture whose pixels take `step` bytes, without their filters."""
    rows: list[bytearray] = []
    above = bytearray(size)
    for number in range(height):
        begin = number * (size + 1)
        kind, row = data[begin], bytearray(data[begin + 1 : begin + 1 + size])
        if kind == 2:
            row = bytearray((a + b) & 0xFF for a, b in zip(row, above, strict=True))
        elif kind:
            for at in range(size):
                left = row[at - step] if at >= step else 0
                corner = above[at - step] if at >= step else 0
                row[at] = (row[at] + _predicted(kind, left, above[at], corner)) & 0xFF
        rows.append(row)
        above = row
    return rows


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 3:
        return (left + up) // 2
    # Paeth: whichever of the three is nearest to left + up - corner.
    guess = left + up - corner
    return min((left, up, corner), key=lambda each: abs(guess - each))
