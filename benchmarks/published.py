"""published puts the figures of a run into docs/performance.md, for whoever renews them.

Run ``python -m benchmarks.published .bench`` after a full run.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any, Final

from benchmarks.figures import Figure
from benchmarks.rows import Bound
from benchmarks.table import number

DOCS: Final = Path(__file__).parents[1] / "docs"
BEGIN: Final = "<!-- figures of a run: begin -->"
END: Final = "<!-- figures of a run: end -->"

HEAD: Final = (
    "| | Measure | Goal | Reached | Spread | Beside it | Ratio | Load |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
)


def main() -> None:
    """Renew the page and the plot from the folder that a run left its results in."""
    folder = Path(sys.argv[1])
    page = DOCS / "performance.md"
    results = json.loads((folder / "results.json").read_text())
    page.write_text(replaced(page.read_text(), figures(results)))
    shutil.copyfile(folder / "growth.svg", DOCS / "growth.svg")


def replaced(page: str, lines: list[str]) -> str:
    """Return `page` with `lines` between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"benchmarks.published: expected {BEGIN} and {END} in the page")
    return "\n".join([f"{before}{BEGIN}", *lines, f"{END}{after}"])


def figures(results: dict[str, Any]) -> list[str]:
    """Return what is published of `results`, the JSON of a run."""
    machine = results["machine"]
    lines = [
        "",
        f"A run of {results['seconds'] / 60:.0f} minutes on {machine['cores']} cores with nothing "
        f"else on them, Python {machine['python']}, Kubernetes {machine['kubernetes']}.",
        "",
        *HEAD,
    ]
    group = ""
    for row in results["rows"]:
        lines.append("| " + " | ".join(_cells(row, shows_group=row["group"] != group)) + " |")
        group = row["group"]
    return [*lines, ""]


def _cells(row: dict[str, Any], *, shows_group: bool) -> list[str]:
    reached, baseline = row["reached"], row["baseline"]
    samples = Figure.of(*reached["samples"])
    several = len(samples.samples) > 1
    return [
        row["group"] if shows_group else "",
        f"{row['measure']}, {row['unit']}" if row["unit"] else row["measure"],
        _goal(row["goal"]),
        number(reached["median"]) + (", missed" if row["met"] is False else ""),
        f"{number(samples.low)}-{number(samples.high)}" if several else "",
        f"{baseline['name']} {number(baseline['median'])}" if baseline else "",
        "" if row["ratio"] is None else f"{row['ratio']:.2f}",
        f"{row['load']:.1f}",
    ]


def _goal(goal: list[Any] | None) -> str:
    if goal is None:
        return ""
    bound, value = goal
    if bound == Bound.RATIO_AT_LEAST.value:
        return f">= {number(value)} of that beside"
    return f"{bound} {number(value)}"


if __name__ == "__main__":
    main()
