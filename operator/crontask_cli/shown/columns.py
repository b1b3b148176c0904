"""columns lays cells out below each other, for the tables of all commands.

It does without rich: a table of a thousand rows would take it longer to lay out than the
API server to list.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from crontask_cli.shown.safe import safe
from crontask_cli.shown.screen import Screen, Style

_GAP: Final = 3
_NARROW_GAP: Final = 2
"""Spaces between columns where the terminal is too narrow for more."""
_CUT: Final = "…"
_LONG: Final = 18
"""Width down to which any column is cut at last: names are longer, words and times are not."""


class Cell(NamedTuple):
    """A text, of whomever, and how it stands out."""

    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title, and what becomes of it where the terminal is too narrow.

    A `flexible` one is cut, down to `least`. One with a number in `spare` may be left out,
    the lowest number first.
    """

    title: str
    flexible: bool = False
    least: int = 12
    spare: int = 0


class _Layout(NamedTuple):
    """Which columns are shown, how wide each is, and the spaces between them."""

    kept: list[int]
    widths: list[int]
    gap: int


def write_columns(
    screen: Screen, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, headers: bool
) -> None:
    """Write the `rows` on `screen`, below the titles if `headers`."""
    table = [list(row) for row in rows]
    if headers:
        table.insert(0, [Cell(column.title, Style.BOLD) for column in columns])
    if not table:
        return
    measure: Callable[[str], int] = len
    # One look at all of it: most tables hold nothing but ASCII.
    everything = "".join(cell.text for row in table for cell in row)
    if not (everything.isascii() and everything.isprintable()):
        table = [[Cell(safe(cell.text), cell.style) for cell in row] for row in table]
        measure = width
    natural = [max(measure(cell.text) for cell in cells) for cells in zip(*table, strict=True)]
    layout = _fitted(natural, columns, screen.width)
    if len(layout.kept) < len(natural):
        table = [[row[index] for index in layout.kept] for row in table]
        natural = [natural[index] for index in layout.kept]
    for row in table:
        screen.write(_line(screen, row, layout, natural, measure))


def _line(
    screen: Screen,
    row: Sequence[Cell],
    layout: _Layout,
    natural: Sequence[int],
    measure: Callable[[str], int],
) -> str:
    parts = []
    for (text, style), room, needed in zip(row, layout.widths, natural, strict=True):
        shown = text if room == needed else cut(text, room)
        spent = measure(shown) if room == needed else width(shown)
        parts.append(screen.styled(shown, style) + " " * (room - spent))
    return (" " * layout.gap).join(parts).rstrip()


def width(text: str) -> int:
    """Return how many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, columns: int) -> str:
    """Return `text` in at most `columns`, with a mark where it was cut."""
    if width(text) <= columns:
        return text
    while text and width(text) > columns - 1:
        text = text[: min(len(text) - 1, columns)]
    return text + _CUT


def _fitted(natural: list[int], columns: Sequence[Column], available: int | None) -> _Layout:
    """Return how a line fits: first flexible columns are cut, then spare ones left out."""
    kept = list(range(len(natural)))
    if available is None or sum(natural) + _GAP * (len(kept) - 1) <= available:
        return _Layout(kept, natural, _GAP)

    def least(index: int) -> int:
        return (
            min(natural[index], columns[index].least) if columns[index].flexible else natural[index]
        )

    def over(widths: Sequence[int]) -> int:
        return sum(widths) + _NARROW_GAP * (len(widths) - 1) - available

    for index in sorted((i for i in kept if columns[i].spare), key=lambda i: columns[i].spare):
        if over([least(each) for each in kept]) <= 0:
            break
        kept.remove(index)
    widths = [natural[index] for index in kept]
    _shrink(widths, over(widths), [least(index) for index in kept])
    _shrink(widths, over(widths), [min(_LONG, width) for width in widths])
    return _Layout(kept, widths, _NARROW_GAP)


def _shrink(widths: list[int], over: int, least: Sequence[int]) -> None:
    """Take what is `over` from the widest of `widths`, none of which gets less than `least`."""
    while over > 0:
        able = [index for index, width in enumerate(widths) if width > least[index]]
        if not able:
            return
        widest = max(able, key=lambda index: widths[index])
        # Down to the next one in width, or as far as is needed.
        floor = max(
            least[widest], *(widths[each] for each in able if widths[each] < widths[widest]), 0
        )
        step = min(over, max(1, widths[widest] - floor))
        widths[widest] -= step
        over -= step
