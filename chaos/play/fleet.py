"""fleet runs the operators of a story, each with a way of its own to the API server."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from signal import SIGTERM
from typing import Final

import yaml

from chaos.history import History
from chaos.profiles import Profile
from dev.control_plane import ControlPlane
from dev.programs import Program, held_shards, start_operator
from dev.rights import chart_kubeconfig

END_SECONDS: Final = 60.0
"""From SIGTERM to SIGKILL; a pod has 30 s by default, a busy machine needs longer."""


class Fleet:
    """The operators of one namespace, by number. Each is started again as the same number."""

    def __init__(
        self,
        control_plane: ControlPlane,
        namespace: str,
        profile: Profile,
        history: History,
        logs: Path,
        settings: Mapping[str, str],
    ) -> None:
        self._control_plane = control_plane
        self._namespace = namespace
        self._profile = profile
        self._history = history
        self._logs = logs
        self._settings = settings
        self._programs: dict[int, Program] = {}
        self._started: list[Program] = []
        self._identities: dict[int, str] = {}
        self._servers: dict[int, str] = {}
        self._starts = 0

    def use(self, number: int, port: int) -> None:
        """Have an operator reach the API server by `port`."""
        self._servers[number] = f"https://127.0.0.1:{port}"

    def renew_token(self) -> None:
        """Write kubeconfigs with a token that is good now."""
        own = chart_kubeconfig(self._control_plane, self._namespace, "operator")
        config = yaml.safe_load(own.read_text())
        for number in range(self._profile.operators):
            server = self._servers.get(number, self._control_plane.server)
            config["clusters"][0]["cluster"]["server"] = server
            written = self._kubeconfig(number).with_suffix(".new")
            written.touch(mode=0o600)
            written.write_text(yaml.safe_dump(config))
            # At once and whole: an operator may read it at any moment.
            written.replace(self._kubeconfig(number))

    def start(self, number: int) -> Program:
        """Start an operator; return at once."""
        self._starts += 1
        identity = f"chaos-{number}-{self._starts}"
        program = start_operator(
            self._kubeconfig(number),
            log=self._logs / f"operator-{self._namespace}-{number}.log",
            namespace=self._namespace,
            settings={
                "CRONTASK_SHARDS": str(self._profile.shards),
                "CRONTASK_LEASE_SECONDS": str(self._profile.lease_seconds),
                "CRONTASK_IDENTITY": identity,
                **self._profile.settings,
                **self._settings,
            },
        )
        self._programs[number] = program
        self._identities[program.child.pid] = identity
        self._started.append(program)
        return program

    def kill(self, number: int) -> None:
        """End an operator as a crash does."""
        self._check(number)
        self._programs[number].child.kill()

    def end(self, program: Program) -> None:
        """Have an operator end in order; one that cannot is noted."""
        code = program.child.stop(END_SECONDS)
        # One that is only just starting has nothing to hand over yet.
        started = (
            f"{self._identities[program.child.pid]} has started" in program.child.log.read_text()
        )
        if code and (started or code != -SIGTERM):
            self._history.notes.append(
                f"{program.child.log.name} ended with exit code {code} when told to end"
            )

    def terminate(self, number: int) -> None:
        """Have an operator of the fleet end in order."""
        self._check(number)
        self.end(self._programs[number])

    def replace(self, number: int) -> None:
        """Start a successor, and have the operator end once that answers its probes."""
        self._check(number)
        former = self._programs[number]
        self.start(number).wait_until_ready("/healthz")
        self.end(former)

    def pause(self, number: int) -> None:
        """Freeze an operator."""
        self._programs[number].child.pause()

    def resume(self, number: int) -> None:
        """Let a frozen operator go on."""
        self._programs[number].child.resume()

    def wait_for_shards(self, timeout: float) -> bool:
        """Wait until all shards are held; tell whether they are."""
        deadline = time.monotonic() + timeout
        while sum(map(held_shards, self._programs.values())) != self._profile.shards:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
        return True

    def check(self) -> None:
        """Note who has ended by itself."""
        for number in self._programs:
            self._check(number)

    def stop(self) -> None:
        """End all of them."""
        running = [program for program in self._started if program.child.poll() is None]
        for program in running:
            # A frozen process takes SIGTERM only once it goes on.
            program.child.resume()
        with ThreadPoolExecutor(len(running) or 1) as pool:
            list(pool.map(lambda program: program.child.stop(END_SECONDS), running))

    def _check(self, number: int) -> None:
        child = self._programs[number].child
        if child.poll() is not None and not child.told_to_end:
            self._history.notes.append(
                f"operator {number} ended by itself with exit code {child.poll()}; its log:\n"
                f"{child.tail()}"
            )
            self.start(number)

    def _kubeconfig(self, number: int) -> Path:
        folder = self._control_plane.folder
        return folder / f"kubeconfig-chaos-{self._namespace}-{number}"
