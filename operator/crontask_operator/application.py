"""Application puts the operator's parts together, and starts and stops them in order, for kopf."""

import asyncio
import logging
import signal
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Final

from crontask_kube.configuration import load_configuration
from crontask_logs import lines_dropped
from crontask_operator.callbacks_factory import build_callback, build_guard
from crontask_operator.engine.engine import Engine
from crontask_operator.engine.idle_work import IdleWork
from crontask_operator.kube.api_server import ApiServerFinder
from crontask_operator.kube.client import KubeApi, wait_until_served
from crontask_operator.kube.events import EventSender
from crontask_operator.kube.kopf_login import KopfLogin
from crontask_operator.kube.lease_store import keep_leases
from crontask_operator.kube.objects import Objects
from crontask_operator.kube.status_store import StatusStore
from crontask_operator.ownership import Handover, LeaseKeeper, LeaseSettings, ShardEvents
from crontask_operator.process.clock import SystemClock
from crontask_operator.process.kopf_settings import SILENT_SECONDS, WATCH_SECONDS
from crontask_operator.process.metrics import REGISTRY, StateCollector
from crontask_operator.process.metrics_server import MetricsServer
from crontask_operator.process.open_files import affordable_calls, raise_open_files
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
        self.log_in = KopfLogin(self._watch_view)
        self._api: KubeApi
        self._events: EventSender
        self._objects: Objects

    async def start(self) -> None:
        """Connect, and compete for shards. Events may be observed from now on."""
        settings, clock = self._settings, SystemClock()
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
        await wait_until_served(self._api)
        self._objects = Objects(self._api, settings.namespace_share)
        lease_settings = LeaseSettings.for_duration(settings.lease_seconds)
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
        self.engine = Engine(
            settings=settings,
            clock=clock,
            callback=callback,
            store=StatusStore(self._api),
            ownership=self.leases,
            delete=self._delete,
            notify=self._notify,
        )
        self._events = EventSender(
            self._api, clock, self.engine.caught_up, instance=self.leases.identity
        )
        await self._serve_metrics()
        self._run(self.engine.recorder.run(), "recorder")
        self._run(self._events.run(), "events")
        self._run(self.leases.run(), "leases")
        self._run(self._watch_view.hide_unseen(self._hide, STALE_SECONDS), "unseen namespaces")
        self._run(IdleWork(self.engine, callback.prepare).run(), "idle work")
        logger.info("The operator %s has started.", settings.identity)

    async def stop(self) -> None:
        """Hand over: stop firing, end what is in flight, write records, release leases."""
        self._stopping = True
        settings = self._settings
        logger.info(
            "The operator %s hands over; %d tasks have news to be written.",
            settings.identity,
            self.engine.recorder.waiting,
        )
        shards = range(settings.shards)
        self.engine.stop_firing(shards)
        # No shard may be acquired while those that are held are handed over.
        _, flushed_through = await asyncio.gather(
            self.leases.leave(), self.engine.drain(shards, settings.drain_seconds)
        )
        await self.leases.release_all(flushed_through)
        self.engine.close()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._stack.aclose()
        logger.info("The operator %s has handed over.", settings.identity)

    async def _serve_metrics(self) -> None:
        if not self._settings.metrics_port:
            return
        held = ("Shards whose lease this replica holds.", lambda: len(self.leases.held))
        age = ("Seconds since the watch was last heard of.", self._watch_view.age)
        gauges = {
            **self.engine.gauges,
            "crontask_shards_held": held,
            "crontask_watch_age_seconds": age,
            "crontask_log_lines_dropped": ("Log lines that nobody took in time.", lines_dropped),
        }
        REGISTRY.register(StateCollector(gauges, self.engine.phases))
        server = MetricsServer(REGISTRY, self._settings.metrics_port)
        await self._stack.enter_async_context(server)

    def _sees(self) -> bool:
        """Tell whether the watch for tasks works, as far as is known."""
        return self._watch_view.age() <= STALE_SECONDS

    def _hide(self, namespace: str) -> None:
        logger.warning("Tasks of %s may not be read any more; none of them fires.", namespace)
        self.engine.hide(namespace)

    def _notify(self, state: TaskState, notice: Notice, message: str) -> None:
        self._events.notify(state, notice, message)

    def _on_acquired(self, shard: int, handover: Handover) -> None:
        self.engine.on_acquired(shard, handover.flushed_through)

    def _on_lost(self, shard: int) -> None:
        self.engine.on_lost(shard)

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
