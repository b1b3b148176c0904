"""``python -m dev COMMAND``: what the Makefile runs."""

import argparse
import os
import shutil
import signal
import time
from pathlib import Path

from rich.console import Console

from dev import tools
from dev.demo import load_tasks, show_hints, show_runs
from dev.errors import DevError
from dev.guarded import make_folder, remove_folder
from dev.ports import free_port, is_free
from dev.stack import run_stack

API_PORT = 6557
ECHO_PORT = 8099
"""Where the examples expect their target."""

DEV_FOLDER = Path(__file__).parents[1] / ".dev"

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


def demo(_: argparse.Namespace) -> None:
    """Run everything with the examples and show the runs, until Ctrl-C.

    With DEMO_SECONDS set it stops by itself after so many seconds; the exit code is 0
    only if runs of both a kubectl task and a facade task were recorded.
    """
    seconds = os.environ.get("DEMO_SECONDS")
    api_port = _port("API_PORT", API_PORT)
    if "API_PORT" not in os.environ and not is_free(api_port):
        api_port = free_port()
    logs = make_folder("crontask-demo-")
    try:
        with run_stack(
            logs=logs, api_port=api_port, echo_port=_port("ECHO_PORT", ECHO_PORT), report=_out.print
        ) as stack:
            load_tasks(stack)
            show_hints(stack, _say)
            show_runs(stack, float(seconds) if seconds else None, _out)
    finally:
        remove_folder(logs)


def dev(arguments: argparse.Namespace) -> None:
    """Run everything quietly, until Ctrl-C.

    The facade answers without authentication on API_PORT (6557), the echo target on
    ECHO_PORT (8099). The kubeconfig and the logs are in a folder, by default .dev/.
    """
    kubeconfig: Path = arguments.folder / "kubeconfig"
    with run_stack(
        logs=arguments.folder,
        api_port=_port("API_PORT", API_PORT),
        echo_port=_port("ECHO_PORT", ECHO_PORT),
        report=lambda _: None,
    ) as stack:
        shutil.copy(stack.control_plane.kubeconfig, kubeconfig)
        try:
            _say("ready")
            _say(f"  console      {stack.facade.url}/console/")
            _say(f"  facade       {stack.facade.url}")
            _say(f"  echo target  {stack.echo.url}")
            _say(f"  API server   {stack.control_plane.server}")
            _say(f"  kubeconfig   {kubeconfig}")
            _say(f"  logs         {arguments.folder}/*.log")
            _say("in another terminal:")
            _say(f"  export KUBECONFIG={kubeconfig}")
            _say(f"  export PATH={tools.ensure('kubectl').parent}:$PATH")
            _say("  kubectl apply -f examples/")
            while True:
                stack.check()
                time.sleep(0.5)
        finally:
            kubeconfig.unlink(missing_ok=True)


def build_tools(_: argparse.Namespace) -> None:
    """Build the tools that are not there yet, and tell where they are."""
    cluster = ("etcd", "kube-apiserver", "kubectl", "helm")
    for program in (*cluster, "kstatus", "kube-score", "oapi-codegen", "promtool"):
        _say(f"{program:15} {tools.ensure(program)}")
    _say(f"{tools.CLIENTS.stem:15} {tools.ensure_packages(tools.CLIENTS)}")


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise DevError(f"{variable}: expected a port number from 1 to 65535, got {text!r}")
    return int(text)


def _say(line: str) -> None:
    _out.print(line, markup=False)


COMMANDS = {"demo": demo, "dev": dev, "tools": build_tools}


def main() -> None:
    """Run a command; SIGTERM ends it as Ctrl-C does, in order and with exit code 0.

    So does SIGINT where a shell had it ignored, as for what it starts with an ``&``.
    """
    parser = argparse.ArgumentParser(prog="python -m dev", description=__doc__)
    subparsers = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        text = command.__doc__ or ""
        subparser = subparsers.add_parser(name, help=text.partition("\n")[0], description=text)
        if command is dev:
            subparser.add_argument("--folder", type=Path, default=DEV_FOLDER)
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        COMMANDS[arguments.command](arguments)
    except KeyboardInterrupt:
        return
    except DevError as error:
        _err.print(f"error: {error}", markup=False, style="red")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
