"""The facade as a client of the document sees it."""

import socket
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

Json = dict[str, Any]


LIMITS = httpx.Limits(keepalive_expiry=2)
"""A connection is closed before the facade does so: it waits for five seconds."""


def plain_client(url: str, *, cookies: httpx.Cookies | None = None) -> httpx.Client:
    """Return a client that goes straight to `url`, as a browser does without a proxy."""
    return httpx.Client(base_url=url, cookies=cookies, trust_env=False, timeout=30, limits=LIMITS)


class Facade:
    """A client of one facade, for the tasks of one namespace."""

    def __init__(self, url: str, namespace: str, **headers: str) -> None:
        # Proxy settings of the environment are not meant for loopback.
        self.http = httpx.Client(
            base_url=url,
            headers={"X-CronTask-Namespace": namespace, **headers},
            trust_env=False,
            timeout=60,
            limits=LIMITS,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.http.close()

    def post(self, endpoint: str, body: Any, **headers: str) -> Json:
        """Return the envelope of an answer with HTTP status 200."""
        response = self.http.post(f"/crontab/{endpoint}", json=body, headers=headers)
        assert response.status_code == 200, response.text
        envelope: Json = response.json()
        assert set(envelope) == {"state", "msg", "data"}
        return envelope

    def data(self, endpoint: str, *items: Any, **options: Any) -> Json:
        """Return the data of a batch's answer whose state is 0."""
        envelope = self.post(endpoint, {"task_list": list(items), **options})
        assert envelope["state"] == 0, envelope
        data: Json = envelope["data"]
        return data

    def results(self, endpoint: str, *items: Any, **options: Any) -> list[Json]:
        """Return the results of a batch's items."""
        results: list[Json] = self.data(endpoint, *items, **options)["task_result"]
        assert len(results) == len(items)
        return results

    def add(self, *items: Any) -> list[Json]:
        """Return the results of adding `items`."""
        return self.results("add_task", *items)

    def add_one(self, **changes: Any) -> str:
        """Add one task that is right but for `changes`; return its id."""
        (result,) = self.add(item(**changes))
        assert result["err"] == "", result
        task_id: str = result["task_id"]
        return task_id

    def get_one(self, **reference: Any) -> Json:
        """Return the one task that `reference` means."""
        (task,) = self.data("get_task", reference)["task_list"]
        assert isinstance(task, dict)
        return task


def connect(url: str, address: str = "") -> socket.socket:
    """Return a connection, from `address`, on which a test sends what no HTTP client would."""
    where = urlsplit(url)
    source = (address, 0) if address else None
    return socket.create_connection((where.hostname, where.port), 10, source)


def item(**changes: Any) -> Json:
    """Return an item to add that is right but for `changes`; None removes a field."""
    whole = {
        "name": "定时改价",
        "enable": 1,
        "module": 2,
        "type": 4,
        "start_time": "0 30 2 * * *",
        "url": "http://127.0.0.1:1/aa",
        "method": "post",
    } | changes
    return {name: value for name, value in whole.items() if value is not None}
