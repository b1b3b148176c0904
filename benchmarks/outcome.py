"""What a run of the benchmark gave."""

from dataclasses import dataclass, field

from benchmarks.rows import Row

Points = list[tuple[float, float]]


@dataclass(slots=True)
class Outcome:
    """Rows for the table, series for the plot, and what could not be measured.

    `series` has, by the plotted quantity, its value for each number of tasks.
    """

    rows: list[Row] = field(default_factory=list)
    series: dict[str, Points] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
