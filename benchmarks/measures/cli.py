"""The command line beside kubectl: a list, how soon help is there, and how soon Ctrl-C ends it."""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_server
from time import perf_counter

from benchmarks.errors import BenchmarkError
from benchmarks.manifests import IDLE_SCHEDULE, tasks
from benchmarks.stage import Stage
from dev import tools

PROGRAM = "from crontask_cli.start import main; main()"


@dataclass(slots=True)
class Cli:
    """One sample of each for every round, in seconds."""

    count: int
    load: float
    listed: list[float] = field(default_factory=list)
    kubectl: list[float] = field(default_factory=list)
    help_cpu: list[float] = field(default_factory=list)
    """CPU seconds of ``crontask --help``."""
    interrupted: list[float] = field(default_factory=list)
    """From Ctrl-C to the end of a ``logs -f`` that waits for a server."""


async def measure(stage: Stage, count: int, *, rounds: int) -> Cli:
    """Measure with `count` tasks; every program has run once before, as after an installation."""
    stage.say(f"command line: a list of {count:,} tasks, {rounds} rounds")
    folder = stage.control_plane.folder
    environment = os.environ | {
        "KUBECONFIG": str(stage.control_plane.kubeconfig),
        "KUBECACHEDIR": str(folder / "kubectl"),
        "KUBERC": "off",
        # What pip compiles when it installs. Another folder, as the checkout may not have it.
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    crontask = [sys.executable, "-c", PROGRAM]
    async with stage.namespace("cli") as namespace:
        await stage.api.create(namespace, tasks(count, stage.target.url, schedule=IDLE_SCHEDULE))
        async with stage.operators(namespace) as operators:
            await operators.ready(count)
            await operators.settled()
        ours = [*crontask, "list", "-o", "wide", "-n", namespace]
        kubectl = [str(tools.ensure("kubectl")), "get", "ct", "-o", "wide", "-n", namespace]
        for command in (ours, kubectl, [*crontask, "--help"]):
            await _run(command, environment)
        result = Cli(count, stage.load)
        for _ in range(rounds):
            result.listed.append((await _run(ours, environment))[0])
            result.kubectl.append((await _run(kubectl, environment))[0])
            result.help_cpu.append((await _run([*crontask, "--help"], environment))[1])
            result.interrupted.append(await asyncio.to_thread(_interrupted, crontask, environment))
    return result


async def _run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return how many seconds a command takes, and how much CPU."""
    return await asyncio.to_thread(_ran, command, environment)


def _ran(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    before = perf_counter()
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        action = [(os.POSIX_SPAWN_DUP2, null, 1)]
        process = os.posix_spawn(command[0], command, environment, file_actions=action)
    finally:
        os.close(null)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise BenchmarkError(f"{Path(command[0]).name}: ended with the status {status}")
    return perf_counter() - before, usage.ru_utime + usage.ru_stime


def _interrupted(crontask: list[str], environment: dict[str, str]) -> float:
    """Return how long a command that waits for an answer takes to end by Ctrl-C."""
    with create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        command = [*crontask, "logs", "-f", "--server", url]
        process = os.posix_spawn(command[0], command, environment)
        connection, _ = listener.accept()
        with connection:
            # All of the request has arrived, and it waits.
            connection.recv(65536)
            before = perf_counter()
            os.kill(process, signal.SIGINT)
            _, status = os.waitpid(process, 0)
            spent = perf_counter() - before
    if os.waitstatus_to_exitcode(status) != -signal.SIGINT:
        raise BenchmarkError(f"logs -f: ended with the status {status} by Ctrl-C")
    return spent
