"""The series as an SVG: one panel for each quantity, over the number of tasks.

A dashed line goes through the first point in proportion to the number of tasks: what
grows linearly stays on it or below.
"""

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from benchmarks.outcome import Points
from benchmarks.table import number

WIDTH, HEIGHT = 320, 230
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 34, 36
TICKS = 4

_STYLE = """
  text { font: 11px sans-serif; fill: #333 }
  .title { font-size: 13px; font-weight: bold }
  .grid { stroke: #ddd }
  .linear { stroke: #999; stroke-dasharray: 4 3; fill: none }
  .line { stroke: #2563a8; stroke-width: 2; fill: none }
  .point { fill: #2563a8 }
"""


def render(series: Mapping[str, Points]) -> str:
    """Return the SVG document."""
    panels = [
        f'<g transform="translate({index * WIDTH} 0)">{"".join(_panel(title, points))}</g>'
        for index, (title, points) in enumerate(series.items())
    ]
    width = WIDTH * max(len(panels), 1)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" '
            f'width="{width}" height="{HEIGHT}">',
            f"<style>{_STYLE}</style>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            *panels,
            "</svg>\n",
        ]
    )


def _panel(title: str, points: Points) -> Iterator[str]:
    first_x, first_y = points[0]
    most = max(x for x, _ in points)
    # The dashed line may leave the panel at the top: it is there to be stayed below.
    highest = max(y for _, y in points) * 1.15 or 1.0

    def across(x: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * x / most

    def up(y: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y / highest

    yield f'<text class="title" x="{LEFT}" y="18">{escape(title)}</text>'
    for tick in range(TICKS + 1):
        value, share = highest * tick / TICKS, most * tick / TICKS
        yield (
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" '
            f'y1="{up(value):.1f}" y2="{up(value):.1f}"/>'
        )
        yield (
            f'<text x="{LEFT - 6}" y="{up(value) + 4:.1f}" text-anchor="end">{number(value)}</text>'
        )
        yield (
            f'<text x="{across(share):.1f}" y="{HEIGHT - BOTTOM + 16}" '
            f'text-anchor="middle">{number(share)}</text>'
        )
    yield f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 5}" text-anchor="middle">tasks</text>'
    end = min(most, first_x * highest / first_y) if first_y else most
    yield (
        f'<line class="linear" x1="{across(0):.1f}" y1="{up(0):.1f}" '
        f'x2="{across(end):.1f}" y2="{up(end * first_y / first_x):.1f}"/>'
    )
    path = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in points)
    yield f'<polyline class="line" points="{path}"/>'
    for x, y in points:
        yield f'<circle class="point" cx="{across(x):.1f}" cy="{up(y):.1f}" r="3"/>'
