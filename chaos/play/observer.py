"""observer watches the tasks past every fault, and keeps what they tell, for the judge."""

import threading
import time
from types import TracebackType
from typing import Final, Self

import httpx
import msgspec

from chaos.evidence import Account, Seen
from crontask_core.constants import GROUP, PLURAL, VERSION

WATCH_SECONDS: Final = 30
SILENT_SECONDS: Final = 5.0
"""After so much silence it asks anew: the API server may be frozen."""

LIST_SECONDS: Final = 60.0
"""Bound of a list when nothing is wrong, on a busy machine."""

AGAIN_SECONDS: Final = 0.3


class _Record(msgspec.Struct, rename="camel"):
    execution_id: str
    attempt: int
    status: str
    end_time: str | None = None
    reason: str = ""


class _Status(msgspec.Struct, rename="camel"):
    runs: list[_Record] = []
    counters: dict[str, int] = {}
    active: list[msgspec.Raw] = []
    pending_retries: list[msgspec.Raw] = []


class _Metadata(msgspec.Struct, rename="camel"):
    uid: str = ""
    resource_version: str = ""


class _Task(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    status: _Status = msgspec.field(default_factory=_Status)


class _List(msgspec.Struct):
    metadata: _Metadata
    items: list[_Task]


class _Event(msgspec.Struct):
    type: str
    object: _Task


_decode_list = msgspec.json.Decoder(_List).decode
_decode_event = msgspec.json.Decoder(_Event).decode


class Observer:
    """A watch of its own on the API server from ``with`` to the end of its block."""

    def __init__(self, client: httpx.Client, namespace: str) -> None:
        self._client = client
        self._path = f"/apis/{GROUP}/{VERSION}/namespaces/{namespace}/{PLURAL}"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="observer")
        self._lock = threading.Lock()
        self._accounts: dict[str, Account] = {}
        self.progress: list[tuple[int, float]] = []
        """Versions that the watch has brought, in their order, and when."""

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the watch."""
        self._stop.set()
        self._thread.join()

    def accounts(self) -> dict[str, Account]:
        """Return what is known by now, from a list that is asked for now."""
        self._list(LIST_SECONDS)
        with self._lock:
            return {
                uid: Account(
                    dict(account.records),
                    dict(account.counters),
                    list(account.went_back),
                    account.under_way,
                    account.version,
                    account.gone,
                )
                for uid, account in self._accounts.items()
            }

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._watch(self._list())
            except (httpx.HTTPError, msgspec.DecodeError):
                # The API server is away, or its definition of tasks is.
                self._stop.wait(AGAIN_SECONDS)

    def _list(self, timeout: float = SILENT_SECONDS) -> str:
        answer = self._client.get(self._path, timeout=timeout).raise_for_status()
        found = _decode_list(answer.content)
        for task in found.items:
            self._take_in(task)
        return found.metadata.resource_version

    def _watch(self, version: str) -> None:
        parameters = {
            "watch": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(WATCH_SECONDS),
        }
        with self._client.stream(
            "GET", self._path, params=parameters, timeout=SILENT_SECONDS
        ) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                event = _decode_event(line)
                if event.type == "ERROR":
                    return
                self._note(event)
                self._take_in(event.object)
                if self._stop.is_set():
                    return

    def _note(self, event: _Event) -> None:
        now, metadata = time.time(), event.object.metadata
        version = int(metadata.resource_version)
        if not self.progress or version > self.progress[-1][0]:
            self.progress.append((version, now))
        if event.type == "DELETED":
            with self._lock:
                self._accounts.setdefault(metadata.uid, Account()).gone = now

    def _take_in(self, task: _Task) -> None:
        now, status = time.time(), task.status
        with self._lock:
            account = self._accounts.setdefault(task.metadata.uid, Account())
            # The list and the watch run side by side, so one may be behind the other.
            version = int(task.metadata.resource_version)
            if version <= account.version:
                return
            account.version = version
            for record in status.runs:
                key = (record.execution_id, record.attempt)
                if record.end_time is not None and key not in account.records:
                    account.records[key] = Seen(record.status, record.reason, now)
            for name, value in status.counters.items():
                if value < account.count(name):
                    account.went_back.append(f"{name} from {account.count(name)} to {value}")
                account.counters[name] = value
            account.under_way = len(status.active) + len(status.pending_retries)
