"""ClusterService reaches tasks in the Kubernetes API, with the rights of a kubeconfig."""

import os
import threading
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import msgspec

from crontask_cli.errors import CliError
from crontask_cli.service.base import Applied, Requested
from crontask_cli.service.reconnecting import Reconnecting, Told, nobody
from crontask_cli.service.rows import TABLE, Row, read_table, row_of
from crontask_cli.service.task import Task, read_task
from crontask_cli.times import now
from crontask_core.constants import RUN_REQUEST_ANNOTATION
from crontask_core.identity import manual_execution_id
from crontask_kube.access import Access
from crontask_kube.blocking import APPLY_PATCH, MERGE_PATCH, TIMEOUT_SECONDS, KubeHttp
from crontask_kube.errors import InvalidError, NotFoundError, UnavailableError, decoded
from crontask_kube.names import is_object_name
from crontask_kube.paths import Resource, everywhere_path, resource_path

USER_AGENT: Final = "crontask"
FIELD_MANAGER: Final = "crontask"

PAGE: Final = 500
"""Tasks of a page, as kubectl asks for them."""

WATCH_SECONDS: Final = 300
"""After which a watch is begun anew: a connection that died in silence is noticed."""


class _ListMeta(msgspec.Struct, frozen=True, rename="camel"):
    continue_: str = msgspec.field(default="", name="continue")
    resource_version: str = ""


class _Page(msgspec.Struct, frozen=True):
    items: list[msgspec.Raw]
    metadata: _ListMeta = _ListMeta()


class _Event(msgspec.Struct, frozen=True):
    type: str
    object: msgspec.Raw


_PAGE: Final = msgspec.json.Decoder(_Page)
_EVENT: Final = msgspec.json.Decoder(_Event)


class _TooOldError(Exception):
    """The version is too old to go on from, so all is read again."""


class ClusterService:
    """The tasks of a namespace, or of all where that is ""; see `TaskService`."""

    def __init__(self, access: Access, namespace: str, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._access = access
        self._namespace = namespace
        self._timeout = timeout
        self._of_thread = threading.local()

    @property
    def namespace(self) -> str:
        """The namespace; "" for all."""
        return self._namespace

    @property
    def http(self) -> KubeHttp:
        """This thread's connection."""
        http = getattr(self._of_thread, "http", None)
        if http is None:
            http = self._of_thread.http = KubeHttp(
                self._access, user_agent=USER_AGENT, timeout=self._timeout
            )
        return http

    def rows(self, labels: str) -> Iterator[list[Row]]:
        """Yield the selected tasks as lines of a list, a page at a time."""
        if self._namespace:
            cursor = ""
            while True:
                # The cells alone: they name no namespace, but there is one for all.
                asked = _paged(_query(labels), cursor) | {"includeObject": "None"}
                answer = self.http.request("GET", self._path(), query=asked, accept=TABLE)
                rows, cursor = read_table(answer, self._namespace)
                if rows is None:
                    break
                yield rows
                if not cursor:
                    return
        moment = now()
        for page in self._pages(_query(labels)):
            yield [row_of(read_task(item), moment) for item in page.items]

    def pages(self, labels: str, *, records: bool = False) -> Iterator[list[msgspec.Raw]]:
        """Yield the selected tasks, a page at a time, always with their records."""
        for page in self._pages(_query(labels)):
            yield page.items

    def get(self, name: str) -> bytes:
        """Return the task."""
        if is_object_name(name):
            try:
                return self.http.request("GET", self._path(name))
            except NotFoundError:
                found = self._called(name)
        else:
            found = self._called(name)
        if found is None:
            raise CliError(f"there is no task {name!r} in the namespace {self._namespace!r}")
        return found

    def run(self, name: str, *, dry_run: bool) -> Requested:
        """Ask for a run now."""
        task = self._task(name)
        request = f"{now().isoformat()}-{os.urandom(4).hex()}"
        self._merge(task, {"annotations": {RUN_REQUEST_ANNOTATION: request}}, {}, dry_run=dry_run)
        return Requested(task.metadata.name, manual_execution_id(task.metadata.uid, request))

    def suspend(self, name: str, value: bool, *, dry_run: bool) -> str:
        """Turn scheduled runs off or on; return the task's ``metadata.name``."""
        task = self._task(name)
        self._merge(task, {}, {"suspend": value}, dry_run=dry_run)
        return task.metadata.name

    def delete(self, name: str, *, dry_run: bool) -> str:
        """Delete the task and its log; return its ``metadata.name``."""
        task = self._task(name)
        options: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            # Not another one that took its name meanwhile.
            "preconditions": {"uid": task.metadata.uid},
        }
        if dry_run:
            # Here and not in the query, which counts for nothing beside a body.
            options["dryRun"] = ["All"]
        self.http.request(
            "DELETE", self._path(task.metadata.name), body=msgspec.json.encode(options)
        )
        return task.metadata.name

    def apply(self, manifest: dict[str, Any], *, dry_run: bool, force: bool) -> Applied:
        """Create the task, or change what `manifest` says of it (server-side apply)."""
        metadata = manifest["metadata"]
        name = metadata["name"]
        namespace = metadata.get("namespace") or self._namespace
        path = resource_path(Resource.CRON_TASKS, namespace, name)
        try:
            before = self.http.request("GET", path)
        except NotFoundError:
            before = None
        query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"} | _dry(dry_run)
        if force:
            query["force"] = "true"
        answer = self.http.request(
            "PATCH",
            path,
            query=query,
            body=msgspec.json.encode(manifest),
            content_type=APPLY_PATCH,
        )
        if before is None:
            return Applied("created", answer)
        is_same = _said_in(before) == _said_in(answer)
        return Applied("unchanged" if is_same else "configured", answer, before)

    def changes(self, labels: str, told: Told = nobody) -> Iterator[bytes | None]:
        """Yield each selected task, and again when it changes; None now and then."""
        query, version, connection = _query(labels), "", Reconnecting(told)
        while True:
            try:
                if not version:
                    for page in self._pages(query):
                        yield from (bytes(item) for item in page.items)
                        version = page.metadata.resource_version
                connection.reached()
                for event in self._events(query, version):
                    connection.reached()
                    version = read_task(event.object).metadata.resource_version
                    if event.type in ("ADDED", "MODIFIED"):
                        yield bytes(event.object)
            except _TooOldError:
                version = ""
            except UnavailableError as error:
                connection.lost(error)
            yield None

    def _events(self, query: dict[str, str], version: str) -> Iterator[_Event]:
        watch = {"watch": "true", "resourceVersion": version, "allowWatchBookmarks": "true"}
        try:
            for line in self.http.lines(
                self._path(), {**query, **watch, "timeoutSeconds": str(WATCH_SECONDS)}
            ):
                event = decoded(_EVENT, line)
                if event.type == "ERROR":
                    # Most often 410 here as well.
                    raise _TooOldError
                yield event
        except InvalidError as error:
            if error.status != HTTPStatus.GONE:
                raise
            raise _TooOldError from error

    def _pages(self, query: dict[str, str]) -> Iterator[_Page]:
        path, cursor = self._path(), ""
        while True:
            page = decoded(_PAGE, self.http.request("GET", path, query=_paged(query, cursor)))
            yield page
            cursor = page.metadata.continue_
            if not cursor:
                return

    def _called(self, task_name: str) -> bytes | None:
        """Return the task that people call so; None if there is none."""
        for page in self._pages({"fieldSelector": f"spec.taskName={_quoted(task_name)}"}):
            if page.items:
                return bytes(page.items[0])
        return None

    def _task(self, name: str) -> Task:
        return read_task(self.get(name))

    def _merge(
        self, task: Task, metadata: dict[str, Any], spec: dict[str, Any], *, dry_run: bool
    ) -> None:
        patch: dict[str, Any] = {"metadata": {"uid": task.metadata.uid, **metadata}}
        if spec:
            patch["spec"] = spec
        self.http.request(
            "PATCH",
            self._path(task.metadata.name),
            query={"fieldManager": FIELD_MANAGER} | _dry(dry_run),
            body=msgspec.json.encode(patch),
            content_type=MERGE_PATCH,
        )

    def _path(self, name: str | None = None) -> str:
        if not self._namespace and name is None:
            return everywhere_path(Resource.CRON_TASKS)
        return resource_path(Resource.CRON_TASKS, self._namespace, name)


def _query(labels: str) -> dict[str, str]:
    return {"labelSelector": labels} if labels else {}


def _paged(query: dict[str, str], cursor: str) -> dict[str, str]:
    return {**query, "limit": str(PAGE)} | ({"continue": cursor} if cursor else {})


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}


def _quoted(value: str) -> str:
    """Return `value` as field selectors have it (k8s.io/apimachinery/pkg/fields)."""
    return value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=")


def _said_in(task: bytes) -> list[Any]:
    """Return what people say in `task`. Its version changes with its status as well."""
    read = msgspec.json.decode(task)
    metadata = read["metadata"]
    return [read.get("spec"), metadata.get("labels"), metadata.get("annotations")]
