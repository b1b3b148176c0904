"""``python -m chaos``: play a random story and judge it; a failure prints seed and plan."""

import argparse
import logging
import secrets
import sys
import time
import uuid
from pathlib import Path

from chaos.plan import Plan, draw
from chaos.play.story import play
from chaos.profiles import PROFILES
from dev.control_plane import ControlPlane
from dev.errors import DevError

FOLDER = Path(__file__).parents[1] / ".chaos"


def main() -> None:
    """Play one story; the exit code is 1 if the judge found something."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, help="by default another one each time")
    parser.add_argument("--profile", choices=PROFILES, default="anything")
    parser.add_argument("--plan", action="store_true", help="print the plan and do nothing")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for the logs")
    arguments = parser.parse_args()
    seed = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    plan = draw(seed, arguments.seconds, PROFILES[arguments.profile])
    if arguments.plan:
        sys.stdout.write(f"{plan}\n")
        return
    logging.basicConfig(format="%(asctime)s  %(message)s", level=logging.WARNING)
    logging.getLogger("chaos").setLevel(logging.INFO)
    # Connections that a wire breaks on purpose are none of its faults.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    try:
        sys.exit(_play(plan, arguments.folder))
    except DevError as error:
        sys.exit(f"chaos: seed {seed}: {error}")


def _play(plan: Plan, folder: Path) -> int:
    began = time.monotonic()
    print_line(f"seed {plan.seed}, {plan.seconds:g} s, {plan.profile.name}; logs in {folder}")
    with ControlPlane(folder) as control_plane:
        control_plane.install_crds()
        namespace = f"chaos-{uuid.uuid4().hex[:8]}"
        control_plane.kubectl("create", "namespace", namespace)
        report = play(plan, control_plane, namespace, folder)
    print_line(str(report))
    print_line(f"{time.monotonic() - began:.0f} s")
    if report.findings:
        print_line(f"FAILED; the plan was:\n{plan}")
    return 1 if report.findings else 0


def print_line(text: str) -> None:
    """Write a line at once, for whoever waits."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
