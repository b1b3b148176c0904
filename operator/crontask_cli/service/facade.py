"""FacadeService reaches tasks through a facade, for people without a kubeconfig."""

import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final, NoReturn

import msgspec

from crontask_cli.errors import MISTAKE, CliError
from crontask_cli.service.base import Applied, Requested
from crontask_cli.service.facade_view import to_item, to_manifest
from crontask_cli.service.reconnecting import Reconnecting, Told, nobody
from crontask_cli.service.rows import Row, row_of
from crontask_cli.service.task import read_task
from crontask_cli.times import now
from crontask_kube.access import Access
from crontask_kube.blocking import TIMEOUT_SECONDS, BlockingHttp
from crontask_kube.errors import UnavailableError, decoded

USER_AGENT: Final = "crontask"

NAMESPACE_HEADER: Final = "X-CronTask-Namespace"

PAGE: Final = 500
"""Tasks of a page, the most that a facade gives."""

RECORDS: Final = 1000
"""Records of a page."""

POLL_SECONDS: Final = 2.0
"""Between two looks at what changed: a facade has no watch."""

NO_HISTORY: Final = "no history is kept here"
"""What a facade says that has none."""

NOT_FOUND: Final = 5
"""Code of an item that leads to no task."""


class NoHistoryError(CliError):
    """The facade keeps no history."""


class _Envelope(msgspec.Struct, frozen=True):
    state: int
    msg: str = ""
    data: dict[str, Any] = {}


_ENVELOPE: Final = msgspec.json.Decoder(_Envelope)
Item = dict[str, Any]


class FacadeService:
    """The tasks of a namespace, or of the facade's own where that is ""; see `TaskService`."""

    def __init__(self, access: Access, namespace: str, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._access = access
        self._namespace = namespace
        self._timeout = timeout
        self._of_thread = threading.local()

    @property
    def namespace(self) -> str:
        """The namespace; "" for the facade's own."""
        return self._namespace

    @property
    def http(self) -> BlockingHttp:
        """This thread's connection."""
        http = getattr(self._of_thread, "http", None)
        if http is None:
            headers = {NAMESPACE_HEADER: self._namespace} if self._namespace else {}
            http = self._of_thread.http = BlockingHttp(
                self._access, user_agent=USER_AGENT, headers=headers, timeout=self._timeout
            )
        return http

    def rows(self, labels: str) -> Iterator[list[Row]]:
        """Yield the tasks as lines of a list, a page at a time."""
        moment = now()
        for page in self.pages(labels):
            yield [row_of(read_task(item), moment) for item in page]

    def pages(self, labels: str, *, records: bool = False) -> Iterator[list[msgspec.Raw]]:
        """Yield the tasks, a page at a time, without their records unless they are asked for."""
        for tasks in self._pages(labels):
            logs: dict[str, list[Item]] = {}
            for record in self._records([each["task_id"] for each in tasks]) if records else ():
                logs.setdefault(record["task_id"], []).append(record)
            yield [_raw(to_manifest(task, logs.get(task["task_id"], []))) for task in tasks]

    def get(self, name: str) -> bytes:
        """Return the task, with its records."""
        reference = {"task_id": name, "name": name}
        (task,) = self._items("get_task", [reference], "task_list")
        return msgspec.json.encode(to_manifest(task, list(self._records([task["task_id"]]))))

    def run(self, name: str, *, dry_run: bool) -> Requested:
        """Ask for a run now."""
        result = self._changed("run_again_task", name, dry_run=dry_run)
        return Requested(result["task_id"], result.get("execution_id", ""))

    def suspend(self, name: str, value: bool, *, dry_run: bool) -> str:
        """Turn scheduled runs off or on; return the task's ``metadata.name``."""
        endpoint = "pause_task" if value else "resume_task"
        task_id: str = self._changed(endpoint, name, dry_run=dry_run)["task_id"]
        return task_id

    def delete(self, name: str, *, dry_run: bool) -> str:
        """Delete the task and its log; return its ``metadata.name``."""
        task_id: str = self._changed("delete_task", name, dry_run=dry_run)["task_id"]
        return task_id

    def apply(self, manifest: dict[str, Any], *, dry_run: bool, force: bool) -> Applied:
        """Create the task, or change what `manifest` says of it."""
        if dry_run:
            _no_dry_run()
        place = manifest["metadata"].get("namespace", "")
        if place and place != self._namespace:
            raise CliError(f"it is for the namespace {place!r}: choose it with -n", MISTAKE)
        item = to_item(manifest)
        results = self._post("get_task", {"task_list": [{"name": item["name"]}]})["task_result"]
        found = results[0]["code"] != NOT_FOUND
        endpoint = "update_task" if found else "add_task"
        self._results(endpoint, [item])
        return Applied("configured" if found else "created", self.get(item["name"]))

    def changes(self, labels: str, told: Told = nobody) -> Iterator[bytes | None]:
        """Yield each task, and again when its log may have grown; None now and then."""
        seen: dict[str, Item] = {}
        connection = Reconnecting(told)
        while True:
            try:
                for tasks in self._pages(labels):
                    connection.reached()
                    for task in tasks:
                        if seen.get(task["task_id"]) == task:
                            continue
                        records = list(self._records([task["task_id"]]))
                        seen[task["task_id"]] = task
                        yield msgspec.json.encode(to_manifest(task, records))
            except UnavailableError as error:
                connection.lost(error)
            yield None
            time.sleep(POLL_SECONDS)

    def runs(self, asked: Item) -> Iterator[Item]:
        """Yield the attempts that the history has, in the order of the question `asked`.

        Raises
        ------
        NoHistoryError
            If the facade keeps none.
        """
        cursor = ""
        while True:
            page = {**asked, "texts": True} | ({"cursor": cursor} if cursor else {})
            try:
                data = self._post("list_runs", page)
            except CliError as error:
                if NO_HISTORY in str(error) or "HTTP 404" in str(error):
                    raise NoHistoryError(str(error)) from error
                raise
            yield from data["run_list"]
            cursor = data["next_cursor"]
            if not cursor:
                return

    def _pages(self, labels: str) -> Iterator[list[Item]]:
        if labels:
            raise CliError("a facade knows no labels: leave -l out, or use a kubeconfig", MISTAKE)
        cursor = ""
        while True:
            asked = {"limit": PAGE} | ({"cursor": cursor} if cursor else {})
            data = self._post("list_task", asked)
            yield data["task_list"]
            cursor = data["next_cursor"]
            if not cursor:
                return

    def _records(self, task_ids: list[str]) -> Iterator[Item]:
        """Yield the records of the tasks, the newest first."""
        asked = [{"task_id": task_id} for task_id in task_ids]
        cursor = ""
        while asked:
            page = {"task_list": asked, "limit": RECORDS} | ({"cursor": cursor} if cursor else {})
            data = self._post("query_task_status", page)
            yield from data["log_list"]
            cursor = data["next_cursor"]
            if not cursor:
                return

    def _changed(self, endpoint: str, name: str, *, dry_run: bool) -> Item:
        if dry_run:
            _no_dry_run()
        return self._results(endpoint, [{"task_id": name, "name": name}])[0]

    def _results(self, endpoint: str, items: list[Item]) -> list[Item]:
        return self._items(endpoint, items, "task_result")

    def _items(self, endpoint: str, items: list[Item], field: str) -> list[Item]:
        data = self._post(endpoint, {"task_list": items})
        for result in data["task_result"]:
            if result["code"]:
                raise CliError(result["err"])
        found: list[Item] = data[field]
        return found

    def _post(self, endpoint: str, body: Item) -> dict[str, Any]:
        answer = self.http.send("POST", f"/crontab/{endpoint}", body=msgspec.json.encode(body))
        try:
            envelope = decoded(_ENVELOPE, answer.body)
        except UnavailableError as error:
            raise CliError(
                f"{self._access.server} answered HTTP {answer.status}, and not as a facade does"
            ) from error
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise CliError(f"the facade wants a token, by --token-file: {envelope.msg}")
        if answer.status != HTTPStatus.OK or envelope.state:
            raise CliError(f"the facade refused: {envelope.msg}")
        return envelope.data


def _raw(manifest: dict[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(manifest))


def _no_dry_run() -> NoReturn:
    raise CliError("a facade has no dry run: leave --dry-run out, or use a kubeconfig", MISTAKE)
