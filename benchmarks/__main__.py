"""``python -m benchmarks``: measure everything beside bare baselines, in one run.

Prints a table, and writes the figures as JSON and the growth as an SVG plot.
"""

import argparse
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path

import uvloop

from benchmarks import machine, plot, table
from benchmarks.document import document
from benchmarks.outcome import Outcome
from benchmarks.scale import FULL, QUICK, Scale
from benchmarks.stage import run_stage
from benchmarks.suite import MEASURES, PEERS, chosen, run_suite
from dev import tools
from dev.errors import DevError

FOLDER = Path(__file__).parents[1] / ".bench"

_out = table.console(sys.stdout)


def main() -> None:
    """Run the benchmark; the exit code is 1 if a measure could not be taken.

    Goals that are missed do not count: timings depend on the machine.
    """
    arguments = parse(sys.argv[1:])
    names = chosen(arguments.only, arguments.peers)
    scale = QUICK if arguments.quick else FULL
    (arguments.folder / "logs").mkdir(parents=True, exist_ok=True)
    try:
        if "cronjob" in names:
            # A build in the middle of the run would be measured with the rest.
            tools.ensure("kube-controller-manager")
        facts, began = machine.facts(), time.monotonic()
        outcome = uvloop.run(_run(scale, names, arguments.folder))
    except DevError as error:
        sys.exit(f"benchmarks: {error}")
    _report(outcome, facts, arguments.folder, scale, time.monotonic() - began)
    sys.exit(1 if outcome.faults else 0)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the arguments; `only` and `peers` as sets of names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything, in 5 minutes")
    parser.add_argument(
        "--only",
        default="",
        help=f"some measures, of {', '.join([*MEASURES, *PEERS])}; with commas",
    )
    parser.add_argument(
        "--peers", default="", help=f"others to measure as well, of {', '.join(PEERS)}"
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for results and logs")
    parsed = parser.parse_args(arguments)
    for option, known in (("only", [*MEASURES, *PEERS]), ("peers", [*PEERS])):
        names = frozenset(filter(None, getattr(parsed, option).split(",")))
        if unknown := sorted(names.difference(known)):
            parser.error(
                f"--{option}: expected some of {', '.join(known)}, got {', '.join(unknown)}"
            )
        setattr(parsed, option, names)
    return parsed


async def _run(scale: Scale, names: Collection[str], folder: Path) -> Outcome:
    began = time.monotonic()

    def say(text: str) -> None:
        _out.print(f"[dim]{time.monotonic() - began:5.0f} s[/dim]  {text}")

    async with run_stage(folder / "logs", say) as stage:
        return await run_suite(stage, scale, names)


def _report(
    outcome: Outcome, facts: dict[str, object], folder: Path, scale: Scale, seconds: float
) -> None:
    _out.print(table.render(outcome.rows))
    for row in outcome.rows:
        if row.note:
            _out.print(f"{row.group}: {row.note}")
    for fault in outcome.faults:
        _out.print(f"[red]not measured[/red]  {fault}")
    result, picture = folder / "results.json", folder / "growth.svg"
    result.write_bytes(document(outcome, facts, scale=scale.name, seconds=seconds))
    picture.write_text(plot.render(outcome.series))
    _out.print(f"{seconds:.0f} s; figures in {result}, plot in {picture}")


if __name__ == "__main__":
    main()
