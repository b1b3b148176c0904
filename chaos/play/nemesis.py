"""nemesis does what a plan's faults say, and heals it, on the parts of a story."""

import logging
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Final

from chaos.history import History, Trouble
from chaos.play.cluster import Cluster
from chaos.play.fleet import Fleet
from chaos.play.mood import CALM, Mood
from chaos.play.wire import Wires
from chaos.script import FaultPlan, Kind

SLOW_SECONDS: Final = 2.0
DELAY_SECONDS: Final = 0.7

_MOODS: Final[Mapping[Kind, Mood]] = {
    Kind.API_SLOW: Mood(delay=SLOW_SECONDS),
    Kind.SILENT: Mood(silent=True),
    Kind.RESET: Mood(reset=True),
    Kind.LOSE_ANSWERS: Mood(lose_answers=True),
    Kind.DELAY: Mood(delay=DELAY_SECONDS),
    Kind.TOO_MANY: Mood(status=429),
    Kind.ERRORS: Mood(status=500),
}

logger = logging.getLogger(__name__)

Act = Callable[[], object]


class Nemesis:
    """Whoever inflicts a fault waits for its end; `stop` ends all of them early."""

    def __init__(
        self, fleet: Fleet, wires: Wires | None, cluster: Cluster, history: History
    ) -> None:
        self._fleet = fleet
        self._wires = wires
        self._cluster = cluster
        self._history = history
        self.stop = threading.Event()

    def inflict(self, fault: FaultPlan) -> None:
        """Let `fault` begin, last and end."""
        begin, heal = self._acts(fault)
        logger.info("%s", fault)
        with self._trouble(fault):
            try:
                begin()
                self.stop.wait(fault.seconds)
            finally:
                heal()

    @contextmanager
    def _trouble(self, fault: FaultPlan) -> Generator[None]:
        trouble = self._history.begin(Trouble(fault.kind, fault.operator, time.time()))
        try:
            yield
        finally:
            trouble.end = time.time()

    def _acts(self, fault: FaultPlan) -> tuple[Act, Act]:
        kind, number = fault.kind, fault.operator
        if number is not None and kind in (Kind.KILL, Kind.TERMINATE, Kind.ROLL, Kind.FREEZE):
            return self._on_operator(kind, number)
        if (mood := _MOODS.get(kind)) is not None and self._wires is not None:
            change = self._wires.set_mood
            return partial(change, number, mood), partial(change, number, CALM)
        if kind is Kind.SILENT_OLD and self._wires is not None:
            return partial(self._wires.silence, number), _nothing
        if kind is Kind.HALF_CLOSE and self._wires is not None:
            return partial(self._wires.half_close, number), _nothing
        return self._on_cluster(kind)

    def _on_operator(self, kind: Kind, number: int) -> tuple[Act, Act]:
        fleet = self._fleet
        acts: dict[Kind, tuple[Act, Act]] = {
            Kind.KILL: (partial(fleet.kill, number), partial(fleet.start, number)),
            Kind.TERMINATE: (partial(fleet.terminate, number), partial(fleet.start, number)),
            Kind.ROLL: (partial(fleet.replace, number), _nothing),
            Kind.FREEZE: (partial(fleet.pause, number), partial(fleet.resume, number)),
        }
        return acts[kind]

    def _on_cluster(self, kind: Kind) -> tuple[Act, Act]:
        cluster = self._cluster
        acts: dict[Kind, tuple[Act, Act]] = {
            Kind.API_KILL: (cluster.kill_api_server, cluster.start_api_server),
            Kind.API_FREEZE: (cluster.freeze_api_server, cluster.thaw_api_server),
            Kind.ETCD_FREEZE: (cluster.freeze_etcd, cluster.thaw_etcd),
            Kind.COMPACTION: (cluster.compact, _nothing),
            Kind.RIGHTS: (cluster.take_rights, cluster.give_rights),
            Kind.LEASE_RIGHTS: (cluster.take_lease_rights, cluster.give_rights),
            Kind.LEASE: (cluster.delete_leases, _nothing),
            Kind.DEFINITION: (cluster.delete_definition, cluster.restore_definition),
            Kind.TOKEN: (cluster.take_token, cluster.give_token),
        }
        return acts[kind]


def _nothing() -> None:
    """Leave what was done to heal by itself."""
