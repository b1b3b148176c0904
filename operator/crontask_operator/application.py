"""Application puts the operator's parts together, and starts and stops them in order, for kopf."""

import asyncio
import logging
import signal
import socket
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Final

from crontask_kube.configuration import load_configuration
from crontask_logs import lines_dropped
from crontask_operator.callbacks_factory import build_callback, build_guard
from crontask_operator.engine.engine import Engine
from crontask_operator.engine.idle_work import IdleWork
from crontask_operator.history.attempt_rows import AttemptRows
from crontask_operator.history.building import build_writer
from crontask_operator.history.history_writer import HistoryWriter
from crontask_operator.kube.api_server import ApiServerFinder
from crontask_operator.kube.client import KubeApi, wait_until_served
from crontask_operator.kube.events import EventSender
from crontask_operator.kube.inventory import TaskInventory
from crontask_operator.kube.kopf_login import KopfLogin
from crontask_operator.kube.lease_store import keep_leases
from crontask_operator.kube.objects import Objects
from crontask_operator.kube.status_store import StatusStore
from crontask_operator.ownership import Handover, LeaseKeeper, LeaseSettings, ShardEvents
from crontask_operator.process.clock import SystemClock, boot_seconds
from crontask_operator.process.kopf_settings import SILENT_SECONDS, WATCH_SECONDS
from crontask_operator.process.metrics import REGISTRY, StateCollector
from crontask_operator.process.metrics_server import MetricsServer
from crontask_operator.process.open_files import affordable_calls, raise_open_files
from crontask_operator.process.pulse import Pulse
from crontask_operator.process.readiness import Readiness
from crontask_operator.process.settings import Settings
from crontask_operator.process.watch_view import WatchView
from crontask_operator.task.notices import Notice
from crontask_operator.task.state import TaskState

logger = logging.getLogger(__name__)

STALE_SECONDS: Final = WATCH_SECONDS + SILENT_SECONDS
"""Age at which the view of the tasks is one no more."""


class Application:
    """Everything that runs inside one operator process."""

    engine: Engine
    leases: LeaseKeeper

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()
        self._background: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._watch_view = WatchView(lambda: self.leases.look_again())
        self._pulse = Pulse(self._on_pause, lambda: self.engine.look_at_all())
        self.log_in = KopfLogin(self._watch_view)
        self._readiness = Readiness(self._watch_view.age, STALE_SECONDS, boot_seconds)
        self._api: KubeApi
        self._events: EventSender
        self._objects: Objects
        self._history: HistoryWriter | None = None

    async def start(self) -> None:
        """Connect, and compete for shards. Events may be observed from now on."""
        settings, clock = self._settings, SystemClock()
        if settings.metrics_port:
            server = MetricsServer(REGISTRY, settings.metrics_port, self._readiness.lacks)
            await self._stack.enter_async_context(server)
        open_files = raise_open_files()
        call_limit = affordable_calls(settings.call_limit, open_files)
        if call_limit < settings.call_limit:
            logger.warning(
                "%d calls may be in flight, not %d: the process may open %d files.",
                call_limit,
                settings.call_limit,
                open_files,
            )
            settings = settings.model_copy(update={"call_limit": call_limit})
        configuration = await load_configuration()
        self._api = await self._stack.enter_async_context(KubeApi(configuration))
        await wait_until_served(self._api, self._readiness.wait)
        self._objects = Objects(self._api, settings.namespace_share)
        lease_settings = LeaseSettings.for_duration(
            settings.lease_seconds,
            outage_seconds=settings.outage_firing_seconds,
            shared_outage_seconds=settings.shared_outage_firing_seconds,
        )
        # A session of its own: a burst of status writes must not keep leases waiting.
        lease_api = await self._stack.enter_async_context(
            KubeApi(configuration, timeout_seconds=lease_settings.request_timeout_seconds)
        )
        self.leases = keep_leases(
            lease_api,
            settings.lease_namespace,
            replica=settings.identity,
            shards=settings.shards,
            settings=lease_settings,
            events=ShardEvents(self._on_acquired, self._on_lost, self._on_drain),
            sees=self._sees,
        )
        guard = build_guard(settings, self._stack)
        if settings.deny_api_server:
            finder = ApiServerFinder(configuration.host, self._api, guard.deny_api_server)
            await finder.find()
            self._run(finder.run(), "api server finder")
        callback = build_callback(settings, clock, self._objects, guard, self._stack)
        historian = self._open_history(settings, clock)
        self.engine = Engine(
            settings=settings,
            clock=clock,
            callback=callback,
            store=StatusStore(self._api),
            ownership=self,
            inventory=TaskInventory(self._api, self._watch_view.namespaces),
            hand_back=self._hand_back,
            delete=self._delete,
            notify=self._notify,
            history=historian,
        )
        self._events = EventSender(
            self._api, clock, self.engine.caught_up, instance=self.leases.identity
        )
        self._measure()
        self._readiness.started(self.leases.outage)
        self._run(self._pulse.run(), "pulse")
        self._run(self.engine.recorder.run(), "recorder")
        self._run(self.engine.view_check.run(), "view check")
        self._run(self._events.run(), "events")
        if self._history is not None:
            self._run(self._history.run(), "history")
            self._run(self._history.keep_up(), "upkeep of the history")
        self._run(self.leases.run(), "leases")
        unseen = self._watch_view.follow_refusals(self._hide, self._reveal, STALE_SECONDS)
        self._run(unseen, "unseen namespaces")
        self._run(IdleWork(self.engine, callback.prepare).run(), "idle work")
        logger.info("The operator %s has started.", settings.identity)

    async def stop(self) -> None:
        """Hand over: stop firing, end what is in flight, write records, release leases."""
        self._stopping = True
        settings = self._settings
        logger.info(
            "The operator %s hands over; %d tasks have news to be written.",
            settings.identity,
            self.engine.recorder.waiting + self.engine.recorder.held_back,
        )
        shards = range(settings.shards)
        self.engine.stop_firing(shards)
        # No shard may be acquired while those that are held are handed over.
        _, flushed_through = await asyncio.gather(
            self.leases.leave(), self.engine.drain(shards, settings.drain_seconds)
        )
        if self._history is not None:
            await self._history.flush()
        await self.leases.release_all(flushed_through)
        self.engine.close()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._stack.aclose()
        logger.info("The operator %s has handed over.", settings.identity)

    def _open_history(self, settings: Settings, clock: SystemClock) -> AttemptRows | None:
        self._history = build_writer(
            settings, clock, lambda: self.engine.caught_up(), self._on_history_back, self._stack
        )
        if self._history is None:
            return None
        return AttemptRows(
            self._history, text_bytes=settings.history_body_bytes, replica=settings.identity
        )

    def owns(self, shard: int) -> bool:
        """Tell whether tasks of `shard` may be fired at this very moment.

        After a pause they may not before the view is known to be new.
        """
        return self._pulse.is_steady() and self.leases.owns(shard)

    def _measure(self) -> None:
        gauges = {
            **self.engine.gauges,
            **(self._history.gauges if self._history is not None else {}),
            "crontask_shards_held": (
                "Shards whose Lease this replica holds.",
                lambda: len(self.leases.held),
            ),
            "crontask_watch_age_seconds": (
                "Seconds since the watch was last heard of.",
                self._watch_view.age,
            ),
            "crontask_api_away_seconds": (
                "Seconds for which no request about Leases was carried out; 0 if the last one was.",
                self._readiness.away_seconds,
            ),
            "crontask_log_lines_dropped": (
                "Log lines of this process that were dropped, because nobody took what it wrote"
                " to stderr.",
                lines_dropped,
            ),
        }
        REGISTRY.register(StateCollector(gauges, self.engine.phases))

    def _sees(self) -> bool:
        """Tell whether the watch for tasks works, as far as is known."""
        return self._watch_view.age() <= STALE_SECONDS

    def _hide(self, namespace: str | None) -> None:
        where = "any namespace" if namespace is None else namespace
        logger.warning("Tasks of %s may not be read any more; none of them fires.", where)
        self.engine.hide(namespace)

    def _reveal(self, namespace: str | None) -> None:
        where = "all namespaces" if namespace is None else namespace
        logger.info("Tasks of %s may be read again.", where)
        self._run(self.engine.reveal(namespace), f"listing of {where}")

    def _notify(self, state: TaskState, notice: Notice, message: str) -> None:
        self._events.notify(state, notice, message)

    def _on_history_back(self, seconds: float) -> None:
        message = (
            f"The database of the history took nothing for {seconds:.0f} s, and does again. Runs of"
            " that time are in the statuses, and in the history as far as they could wait."
        )
        pod = socket.gethostname()
        self._events.notify_of_operator(
            self._settings.lease_namespace, pod, "HistoryWasAway", message
        )

    def _on_acquired(self, shard: int, handover: Handover) -> None:
        self.engine.on_acquired(shard, handover.flushed_through)

    def _on_lost(self, shard: int) -> None:
        self.engine.on_lost(shard)

    def _on_pause(self) -> None:
        logger.warning("The process has paused; what it sees of the tasks is checked first.")
        self.engine.doubt(self.leases.held)

    def _hand_back(self, shard: int) -> None:
        flushed_through = self.engine.flushed_through
        self._run(self.leases.release(shard, flushed_through), f"release of shard {shard}")

    def _on_drain(self, shard: int) -> None:
        self.engine.stop_firing([shard])
        self._run(self._hand_over(shard), f"hand-over of shard {shard}")

    async def _hand_over(self, shard: int) -> None:
        flushed_through = await self.engine.drain([shard], self._settings.drain_seconds)
        await self.leases.release(shard, flushed_through)

    def _delete(self, state: TaskState) -> None:
        self._run(self._objects.delete_task(state), f"delete {state.namespace}/{state.name}")

    def _run(self, coroutine: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._background.add(task)
        task.add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if task.cancelled() or task.exception() is None:
            return
        # Without its recorder or its leases the process would only pretend to work.
        logger.critical("%s failed; the operator ends.", task.get_name(), exc_info=task.exception())
        if not self._stopping:
            signal.raise_signal(signal.SIGTERM)
