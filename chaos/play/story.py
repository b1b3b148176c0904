"""story plays a plan on a control plane, and has the judge say what came of it."""

import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final, TypeVar

from chaos.evidence import Evidence
from chaos.history import History
from chaos.judge import SETTLING, Fault, Report, judge
from chaos.judge.bounds import LATE_SECONDS
from chaos.plan import Plan
from chaos.play.cluster import Cluster
from chaos.play.editor import Editor
from chaos.play.fleet import Fleet
from chaos.play.kept import add_kept, url_of
from chaos.play.nemesis import Nemesis
from chaos.play.observer import Observer
from chaos.play.target import calls_of
from chaos.play.wire import Wires
from chaos.script import TRAITS, Edit, FaultPlan, Lane
from dev.control_plane import ControlPlane
from dev.ports import free_port
from dev.programs import Program, start_echo

START_SECONDS: Final = 60.0
"""Bound on the first sharing out of the shards."""

PATIENCE_SECONDS: Final = 60.0
"""Bound on what has to settle once nothing is wrong any more."""

LOOK_SECONDS: Final = 1.0

Timed = TypeVar("Timed", Edit, FaultPlan)


logger = logging.getLogger(__name__)


def play(plan: Plan, control_plane: ControlPlane, namespace: str, logs: Path) -> Report:
    """Play `plan` in `namespace`, which is there and empty; `logs` is for the logs of programs."""
    with ExitStack() as stack:
        echo = start_echo(log=logs / f"echo-{namespace}.log", port=free_port())
        stack.callback(echo.child.stop)
        echo.wait_until_ready("/_received")
        return _Story(plan, control_plane, namespace, logs, echo, stack).play()


class _Story:
    """The parts of one story, all of which end with `stack`."""

    def __init__(
        self,
        plan: Plan,
        control_plane: ControlPlane,
        namespace: str,
        logs: Path,
        echo: Program,
        stack: ExitStack,
    ) -> None:
        self._plan = plan
        self._namespace = namespace
        self._echo = echo
        self._history = History()
        self._client = stack.enter_context(control_plane.client())
        self._over = threading.Event()
        self._editor = Editor(
            self._client,
            namespace,
            self._history,
            plan.profile,
            tasks=plan.tasks,
            target=echo.url,
            stop=self._over,
        )
        self._kept = logs / f"history-{namespace}.db" if plan.profile.keeps_history else None
        settings = {"CRONTASK_HISTORY_URL": url_of(self._kept)} if self._kept else {}
        self._fleet = Fleet(control_plane, namespace, plan.profile, self._history, logs, settings)
        cluster = Cluster(
            control_plane,
            self._client,
            namespace,
            fleet=self._fleet,
            editor=self._editor,
            history=self._history,
        )
        wires = self._wires(control_plane, stack)
        self._nemesis = Nemesis(self._fleet, wires, cluster, self._history)
        watching = stack.enter_context(control_plane.client())
        self._observer = stack.enter_context(Observer(watching, namespace))
        stack.callback(self._fleet.stop)
        stack.callback(self._over.set)

    def play(self) -> Report:
        """Play it, and return what the judge found."""
        self._fleet.renew_token()
        for number in range(self._plan.profile.operators):
            self._fleet.start(number)
        if not self._fleet.wait_for_shards(START_SECONDS):
            self._history.notes.append("the shards were not shared out at the begin")
        self._editor.create_all()
        logger.info("the story begins")
        self._play_lanes()
        logger.info("the story is over")
        self._fleet.check()
        if not self._fleet.wait_for_shards(PATIENCE_SECONDS):
            self._history.notes.append("the shards were not shared out again at the end")
        until = time.time()
        logger.info("all shards are served")
        self._settle(until, {Fault.LOST, Fault.UNANSWERED})
        # What an edit may have kept from being served is nobody's fault: see `unsure_from`.
        self._over.wait(max(0.0, until + LATE_SECONDS - time.time()))
        logger.info("all that was due was served, or nobody will")
        self._editor.suspend_all()
        return self._settle(until, SETTLING)

    def _play_lanes(self) -> None:
        """Carry out edits and the faults of each lane, each in a thread of its own."""
        began = time.time()
        lanes = [
            [fault for fault in self._plan.faults if TRAITS[fault.kind].lane is lane]
            for lane in Lane
        ]
        with ThreadPoolExecutor(1 + len(lanes)) as pool:
            edits = pool.submit(self._in_time, began, self._plan.edits, self._editor.carry_out)
            faults = [
                pool.submit(self._in_time, began, lane, self._nemesis.inflict) for lane in lanes
            ]
            try:
                # The first that fails ends the others.
                for future in [*faults, edits]:
                    future.result()
            except BaseException:
                self._nemesis.stop.set()
                self._over.set()
                raise

    def _in_time(
        self, began: float, actions: Iterable[Timed], act: Callable[[Timed], None]
    ) -> None:
        for action in actions:
            if self._over.wait(max(0.0, began + action.at - time.time())):
                return
            act(action)
        self._over.wait(max(0.0, began + self._plan.seconds - time.time()))

    def _settle(self, until: float, faults: Iterable[Fault]) -> Report:
        """Judge until nothing is left that patience may mend, or patience ends."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            report = self._judge(until)
            if not report.of(faults) or time.monotonic() > deadline:
                return report
            self._over.wait(LOOK_SECONDS)

    def _judge(self, until: float) -> Report:
        # In this order: what is recorded by then has been called.
        accounts = self._observer.accounts()
        if self._kept is not None:
            accounts = add_kept(accounts, self._kept)
        calls = calls_of(self._echo, self._namespace)
        return judge(
            Evidence(
                profile=self._plan.profile,
                lives=tuple(self._history.lives),
                troubles=tuple(self._history.troubles),
                calls=calls,
                accounts=accounts,
                until=until,
                progress=tuple(self._observer.progress),
                notes=tuple(self._history.notes),
            )
        )

    def _wires(self, control_plane: ControlPlane, stack: ExitStack) -> Wires | None:
        if not any(TRAITS[kind].lane is Lane.NETWORK for kind in self._plan.profile.kinds):
            return None
        port = int(control_plane.server.rpartition(":")[2])
        wires = stack.enter_context(
            Wires(
                self._plan.profile.operators,
                port,
                server=control_plane.server_tls(),
                # Without a certificate: the operators' tokens say whose requests these are.
                client=ssl.create_default_context(cafile=control_plane.ca),
            )
        )
        for number, wire in enumerate(wires.wires):
            self._fleet.use(number, wire.port)
        return wires
