"""What every measure stands on: a control plane, a target, and a place for tasks."""

import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import MappingProxyType

from benchmarks.api import Api
from benchmarks.operators import Operators, run_operators
from benchmarks.target import Target
from dev.control_plane import ControlPlane
from dev.ports import free_port
from dev.programs import start_echo


@dataclass(frozen=True, slots=True)
class Stage:
    """The running parts, and how to say what is being done."""

    control_plane: ControlPlane
    api: Api
    target: Target
    logs: Path
    say: Callable[[str], None]
    _numbers: "count[int]" = field(default_factory=count)

    @asynccontextmanager
    async def namespace(self, name: str, *, left: bool = False) -> AsyncIterator[str]:
        """Give a fresh namespace; afterwards its tasks are deleted, and burden nobody.

        With `left` they stay until the end of the run, for a measure that is the last.
        """
        unique = f"{name}-{next(self._numbers)}"
        await self.api.create_namespace(unique)
        yield unique
        if not left:
            await self.api.delete_all(unique)

    @asynccontextmanager
    async def operators(
        self,
        namespace: str,
        number: int = 1,
        *,
        python: str = sys.executable,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> AsyncIterator[Operators]:
        """Run operators for `namespace` until the end of the block, with `settings` besides."""
        async with run_operators(
            self.control_plane.kubeconfig,
            namespace,
            logs=self.logs,
            count=number,
            python=python,
            settings=settings,
        ) as operators:
            yield operators

    @property
    def load(self) -> float:
        """The machine's load average over the last minute."""
        return os.getloadavg()[0]


@asynccontextmanager
async def run_stage(logs: Path, say: Callable[[str], None]) -> AsyncIterator[Stage]:
    """Run a control plane with the CRD and an echo target; `logs` is a folder for their logs."""
    async with AsyncExitStack() as stack:
        say("starting etcd and kube-apiserver")
        control_plane = stack.enter_context(ControlPlane(logs))
        control_plane.install_crds()
        echo = start_echo(log=logs / "echo.log", port=free_port())
        stack.callback(echo.child.stop)
        echo.wait_until_ready("/_received")
        api = await stack.enter_async_context(Api(control_plane.server, control_plane.tls()))
        target = await stack.enter_async_context(Target(echo))
        yield Stage(control_plane, api, target, logs, say)
