"""The operator, the facade and the echo target as child processes of this one."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from crontask_core.networks import DENIED_BY_DEFAULT
from crontask_core.networks import LOOPBACK as LOOPBACK_NETWORKS
from dev.ports import LOOPBACK, free_port
from dev.processes import Child
from dev.readiness import loopback_client, succeeds, wait_until_ready

READY_SECONDS = 60.0
"""Bound on a program's start: 2 s is usual, a busy CI machine takes longer."""

LOOPBACK_TARGETS = ",".join(
    str(network) for network in DENIED_BY_DEFAULT if network not in LOOPBACK_NETWORKS
)
"""Networks denied to callbacks. The default also denies loopback, where every target of
a developer's machine is; all else that it denies stays."""


@dataclass(frozen=True, slots=True)
class Program:
    """A running program; `url` is where it serves HTTP, for the operator its probes.

    `metrics_url` is where an operator serves its metrics.
    """

    child: Child
    url: str
    metrics_url: str = ""

    def wait_until_ready(self, path: str) -> None:
        """Wait until a GET of `path` succeeds.

        Raises
        ------
        ChildFailedError
            If the program ends first, or takes longer than `READY_SECONDS`.
        """
        with loopback_client(self.url) as client:
            wait_until_ready(self.child, lambda: succeeds(client, path), READY_SECONDS)


def start_operator(
    kubeconfig: Path,
    *,
    log: Path,
    namespace: str | None = None,
    settings: Mapping[str, str] | None = None,
    python: str = sys.executable,
) -> Program:
    """Start ``kopf run -m crontask_operator`` and return at once.

    It serves the tasks of `namespace`, or of all namespaces if that is None.
    `settings` are ``CRONTASK_`` variables that go before the local defaults. `python`
    is the interpreter of the environment whose operator is started.
    """
    port, metrics = free_port(), free_port()
    scope = ["--all-namespaces"] if namespace is None else ["--namespace", namespace]
    liveness = f"--liveness=http://{LOOPBACK}:{port}/healthz"
    defaults = {
        "CRONTASK_DENY_NETWORKS": LOOPBACK_TARGETS,
        "CRONTASK_LEASE_NAMESPACE": namespace or "default",
        "CRONTASK_LOG_FORMAT": "console",
        "CRONTASK_METRICS_PORT": str(metrics),
    }
    child = Child.start(
        "operator",
        [python, "-m", "kopf", "run", "-m", "crontask_operator", *scope, liveness],
        log=log,
        env=environment(kubeconfig, defaults, settings),
    )
    return Program(child, f"http://{LOOPBACK}:{port}", f"http://{LOOPBACK}:{metrics}")


def wait_until_active(operator: Program) -> None:
    """Wait until `operator` owns a part of the tasks and so fires their runs.

    A standby never does.

    Raises
    ------
    ChildFailedError
        If it ends first, or takes longer than `READY_SECONDS`.
    """
    wait_until_ready(operator.child, lambda: held_shards(operator) > 0, READY_SECONDS)


def held_shards(operator: Program) -> int:
    """Return of how many shards `operator` says that it is the owner.

    The probes say it too, and even which ones, but kopf answers a probe for ten seconds
    with what it found at the first.
    """
    with loopback_client(operator.metrics_url) as client:
        try:
            text = client.get("/metrics").text
        except httpx.TransportError:
            return 0
    # Until it has started, it has no shards to tell of.
    held = re.findall(r"(?m)^crontask_shards_held (\S+)$", text)
    return int(float(held[0])) if held else 0


def start_facade(
    kubeconfig: Path,
    *,
    log: Path,
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
    python: str = sys.executable,
) -> Program:
    """Start ``crontask-api`` on loopback, without authentication, and return at once.

    `port` None takes a free one. `settings` are ``CRONTASK_API_`` variables that go
    before the local defaults. `python` as in `start_operator`.
    """
    port = free_port() if port is None else port
    defaults = {
        "CRONTASK_API_HOST": LOOPBACK,
        "CRONTASK_API_PORT": str(port),
        "CRONTASK_API_AUTH": "none",
        "CRONTASK_API_NAMESPACE": "default",
        "CRONTASK_API_LOG_FORMAT": "console",
    }
    child = Child.start(
        "facade",
        [python, "-m", "crontask_api"],
        log=log,
        env=environment(kubeconfig, defaults, settings),
    )
    return Program(child, f"http://{LOOPBACK}:{port}")


def start_echo(*, log: Path, port: int) -> Program:
    """Start the echo target and return at once."""
    argv = [sys.executable, "-m", "dev.echo", "--port", str(port)]
    return Program(Child.start("echo target", argv, log=log), f"http://{LOOPBACK}:{port}")


def environment(
    kubeconfig: Path, defaults: Mapping[str, str], settings: Mapping[str, str] | None
) -> dict[str, str]:
    """Return this process's environment with the given variables.

    Settings of the caller's shell do not leak in: they would make a test depend on it.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CRONTASK_") or name.startswith("CRONTASK_DEV_")
    }
    return {**inherited, "KUBECONFIG": str(kubeconfig), **defaults, **(settings or {})}
