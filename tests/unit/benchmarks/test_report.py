"""The table, the JSON document and the plot."""

import io
import json
from xml.etree import ElementTree

import pytest
from rich.console import Console

from benchmarks import plot, table
from benchmarks.document import document
from benchmarks.figures import Figure
from benchmarks.outcome import Outcome
from benchmarks.rows import Baseline, Bound, Goal, Row

BARE = Baseline("bare loop", Figure.of(400, 500))
ROWS = [
    Row("burst of 1,000", "lag p99", "s", Figure.of(0.1, 0.2, 0.4), Goal(Bound.AT_MOST, 0.25)),
    Row(
        "burst of 1,000",
        "recorded runs",
        "1/s",
        Figure.of(300),
        Goal(Bound.RATIO_AT_LEAST, 0.8),
        BARE,
        load=1.5,
    ),
]


def _text() -> str:
    console = Console(width=160, color_system=None)
    with console.capture() as capture:
        console.print(table.render(ROWS))
    return capture.get()


def test_the_table_shows_goal_figure_spread_baseline_and_ratio() -> None:
    first, second = [line for line in _text().splitlines() if "lag" in line or "runs" in line]

    for cell in ("burst of 1,000", "lag p99, s", "<= 0.250", "0.200", "0.100-0.400"):
        assert cell in first
    for cell in ("recorded runs, 1/s", "x >= 0.800", "300", "450  bare loop", "0.67", "1.5"):
        assert cell in second


def test_a_pipe_gets_whole_figures() -> None:
    wide = Baseline("a bare loop with a name longer than any terminal " * 5, Figure.of(450))
    row = Row("burst", "recorded runs", "1/s", Figure.of(300, 200_000), baseline=wide)
    pipe = io.StringIO()

    table.console(pipe).print(table.render([row]))

    (line,) = (line for line in pipe.getvalue().splitlines() if "burst" in line)
    assert "300-200,000" in line
    assert wide.name.strip() in line


def test_a_group_is_named_once() -> None:
    assert _text().count("burst of 1,000") == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0123, "0.012"), (1.234, "1.23"), (12.0, "12"), (123.4, "123"), (12345.6, "12,346")],
)
def test_numbers_show_what_can_be_known(value: float, text: str) -> None:
    assert table.number(value) == text


def test_the_document_holds_every_sample_and_what_failed() -> None:
    outcome = Outcome(rows=ROWS, faults=["steady: no calls"])

    whole = json.loads(document(outcome, {"cores": 2}, scale="quick", seconds=12.34))

    assert whole["machine"] == {"cores": 2}
    assert whole["faults"] == ["steady: no calls"]
    first, second = whole["rows"]
    assert first["reached"] == {"median": 0.2, "samples": [0.1, 0.2, 0.4]}
    assert (first["met"], first["baseline"], first["ratio"]) == (True, None, None)
    assert (second["met"], second["baseline"]["median"]) == (False, 450)


def test_the_plot_has_a_panel_and_a_point_for_each_value() -> None:
    series = {
        "memory, <MiB>": [(1000.0, 80.0), (2000.0, 90.0), (5000.0, 120.0)],
        "ready, s": [(1000.0, 0.0)],
    }

    svg = ElementTree.fromstring(plot.render(series))  # noqa: S314 - our own text

    space = "{http://www.w3.org/2000/svg}"
    titles = [text.text for text in svg.iter(f"{space}text") if text.get("class") == "title"]
    assert titles == list(series)
    assert len(list(svg.iter(f"{space}circle"))) == 4


def test_what_grows_linearly_lies_on_the_dashed_line() -> None:
    svg = ElementTree.fromstring(  # noqa: S314 - our own text
        plot.render({"ready, s": [(1000.0, 2.0), (4000.0, 8.0)]})
    )

    space = "{http://www.w3.org/2000/svg}"
    (line,) = (line for line in svg.iter(f"{space}line") if line.get("class") == "linear")
    *_, last = svg.iter(f"{space}circle")
    assert (line.get("x2"), line.get("y2")) == (last.get("cx"), last.get("cy"))


def test_a_run_in_which_nothing_was_plotted_still_has_a_plot() -> None:
    assert ElementTree.fromstring(plot.render({})) is not None  # noqa: S314 - our own text
