"""``python -m chaos.reliability``: measure what each fault costs, and renew the document.

The figures are kept in ``docs/reliability.json``; the rows of faults that are not measured
again stay.
"""

import argparse
import os
import platform
import sys
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from chaos.figures import Result, Row, render, row_of
from chaos.plan import draw
from chaos.play.story import play
from chaos.profiles import ANYTHING, ROLLING, Profile
from chaos.script import Kind
from dev.control_plane import ControlPlane

DOCS: Final = Path(__file__).parents[1] / "docs"
RESULT: Final = DOCS / "reliability.json"
DOCUMENT: Final = DOCS / "reliability.md"
FOLDER: Final = Path(__file__).parents[1] / ".chaos"

NONE: Final = "none"
"""The name of the row without a fault."""


def main() -> None:
    """Measure what is asked for; the exit code is 1 if the judge found something."""
    parser = argparse.ArgumentParser(prog="python -m chaos.reliability", description=__doc__)
    parser.add_argument("--stories", type=int, default=2, help="for each fault")
    parser.add_argument("--seconds", type=float, default=30, help="of each story")
    parser.add_argument("--only", help="faults whose name holds this text")
    parser.add_argument("--render", action="store_true", help="write the document, measure nothing")
    arguments = parser.parse_args()
    result = _measure(arguments) if not arguments.render else load()
    document = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(render(document, result), encoding="utf-8")
    sys.exit(1 if any(row.findings for row in result.rows) else 0)


def load() -> Result:
    """Return the result that is kept."""
    return msgspec.json.decode(RESULT.read_bytes(), type=Result)


def profiles() -> dict[str, Profile]:
    """Return a sort of stories for each row, by its name."""
    alone = {
        str(kind): replace(ANYTHING, name=kind.name.lower(), kinds=(kind,), pause_seconds=(3, 8))
        for kind in ANYTHING.kinds
    }
    calm = replace(ANYTHING, name=NONE, kinds=())
    # As many tasks as in the others' rows: the large one is a story of its own.
    rolling = replace(ROLLING, cast=ANYTHING.cast, operators=ANYTHING.operators)
    return {NONE: calm, str(Kind.ROLL): rolling} | alone


def _measure(arguments: argparse.Namespace) -> Result:
    known = {row.fault: row for row in load().rows} if RESULT.exists() else {}
    wanted = {
        name: profile
        for name, profile in profiles().items()
        if arguments.only is None or arguments.only in name
    }
    FOLDER.mkdir(exist_ok=True)
    with ControlPlane(FOLDER) as control_plane:
        control_plane.install_crds()
        for name, profile in wanted.items():
            known[name] = _row(control_plane, name, profile, arguments)
            result = _result(arguments.seconds, [known[row] for row in profiles() if row in known])
            # At once: an hour's work is not lost with its last row.
            RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")
    return result


def _row(
    control_plane: ControlPlane, name: str, profile: Profile, arguments: argparse.Namespace
) -> Row:
    reports, times = [], 0
    for seed in range(1, arguments.stories + 1):
        namespace = f"chaos-{uuid.uuid4().hex[:8]}"
        control_plane.kubectl("create", "namespace", namespace)
        plan = draw(seed, arguments.seconds, profile)
        reports.append(play(plan, control_plane, namespace, FOLDER))
        times += len(plan.faults)
        control_plane.kubectl("delete", "crontasks", "--all", "--namespace", namespace)
        sys.stdout.write(f"{name}, seed {seed}: {reports[-1]}\n")
        sys.stdout.flush()
    return row_of(name, times, reports)


def _result(seconds: float, rows: Sequence[Row]) -> Result:
    return Result(
        seconds=seconds,
        operators=ANYTHING.operators,
        shards=ANYTHING.shards,
        lease=ANYTHING.lease_seconds,
        tasks=sum(count for _, _, count in ANYTHING.cast),
        machine=f"{os.cpu_count()} cores of {platform.machine()}, shared with other work",
        rows=tuple(rows),
    )


if __name__ == "__main__":
    main()
