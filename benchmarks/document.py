"""The result as JSON, for programs and for comparing runs."""

from collections.abc import Mapping
from typing import Any

import msgspec

from benchmarks.figures import Figure
from benchmarks.outcome import Outcome
from benchmarks.rows import Row


def document(
    outcome: Outcome, machine: Mapping[str, object], *, scale: str, seconds: float
) -> bytes:
    """Return one JSON object with everything that was measured, indented."""
    whole = {
        "scale": scale,
        "seconds": round(seconds, 1),
        "machine": machine,
        "rows": [_row(row) for row in outcome.rows],
        "series": outcome.series,
        "faults": outcome.faults,
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"


def _row(row: Row) -> dict[str, Any]:
    return {
        "group": row.group,
        "measure": row.measure,
        "unit": row.unit,
        "goal": None if row.goal is None else [row.goal.bound.value, row.goal.value],
        "reached": _figure(row.reached),
        "met": row.met,
        "baseline": None
        if row.baseline is None
        else {"name": row.baseline.name, **_figure(row.baseline.figure)},
        "ratio": row.ratio,
        "note": row.note,
        "load": row.load,
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {"median": figure.median, "samples": figure.samples}
