"""A value of a Secret is nowhere but at its target: not in status, Events, metrics or log."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.readiness import loopback_client
from tests.support.crontasks import Manifest, task
from tests.support.programs import run_operator
from tests.support.stage import PATIENCE_SECONDS, Stage
from tests.support.wait import eventually_sync

PLANTED = 'planted/"value" & more'
"""Signs in it are written otherwise in JSON, HTML and URLs."""

PAST = "2026-01-01T00:00:00Z"


class Teller(BaseHTTPRequestHandler):
    """Tells what it was sent wherever an answer has room."""

    received: list[str]

    def do_POST(self) -> None:
        """Answer with a failure, or with a redirect to where nobody is."""
        value = self.headers["X-Api-Key"]
        self.received.append(value)
        page = f"{value} {json.dumps(value)} {base64.b64encode(value.encode()).decode()}"
        redirect = self.path == "/redirect"
        self.send_response(302 if redirect else 500, value)
        self.send_header("Location", f"http://127.0.0.1:1/{value}")
        self.send_header("Content-Type", f"text/plain; charset={value}")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Be silent."""


@pytest.fixture
def teller() -> Iterator[tuple[str, list[str]]]:
    """The URL of a target that tells, and the values that it was sent."""
    received: list[str] = []
    handler = type("OneTeller", (Teller,), {"received": received})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()
        thread.join()


def specs(url: str) -> dict[str, Manifest]:
    """Return tasks that send the value and fail, each in another way, by their names."""
    key = {"name": "X-Api-Key", "secretKeyRef": {"name": "planted", "key": "value"}}
    http = {"url": f"{url}/fail", "headers": [key]}
    once: Manifest = {"schedule": None, "at": PAST}
    grpc = {
        "address": url.removeprefix("http://"),
        "service": "shop.v1.Orders",
        "method": "Close",
        "metadata": [key | {"name": "x-api-key"}],
    }
    return {
        "status": task(**once, callback={"http": http}),
        "body": task(
            **once, callback={"http": http}, expect={"statusCodes": ["500"], "bodyRegex": "^no$"}
        ),
        "redirect": task(**once, callback={"http": http | {"url": f"{url}/redirect"}}),
        "followed": task(
            **once, callback={"http": http | {"url": f"{url}/redirect", "followRedirects": 3}}
        ),
        "grpc": task(**once, callback={"grpc": grpc}),
        "every-second": task(schedule="* * * * * *", callback={"http": http}),
    }


def events(client: httpx.Client, namespace: str) -> list[Manifest]:
    """Return all Events of a namespace."""
    answer = client.get(f"/api/v1/namespaces/{namespace}/events").raise_for_status()
    items: list[Manifest] = answer.json()["items"]
    return items


def test_a_planted_value_is_told_nowhere(
    control_plane: ControlPlane, stage: Stage, teller: tuple[str, list[str]]
) -> None:
    url, received = teller
    secrets = f"/api/v1/namespaces/{stage.namespace}/secrets"
    secret = {"metadata": {"name": "planted"}, "stringData": {"value": PLANTED}}
    settings = {"CRONTASK_LOG_LEVEL": "DEBUG"}
    with (
        control_plane.client() as client,
        run_operator(control_plane, stage.namespace, settings=settings) as operator,
    ):
        client.post(secrets, json=secret).raise_for_status()
        for name, spec in specs(url).items():
            stage.tasks.create(spec, name).raise_for_status()

        def told() -> set[str]:
            found = events(client, stage.namespace)
            return {event["involvedObject"]["name"] for event in found}

        eventually_sync(lambda: told() == set(specs(url)), PATIENCE_SECONDS, lambda: f"{told()}")
        with loopback_client(operator.metrics_url) as scraper:
            metrics = scraper.get("/metrics").raise_for_status().text
        shown = {
            "Events": json.dumps(events(client, stage.namespace)),
            "status": json.dumps(stage.tasks.all()),
            "metrics": metrics,
        }
    # Its lines are written beside its work.
    shown["log"] = operator.child.log.read_text(encoding="utf-8")

    # They tell something, and the target had the value.
    assert set(received) == {PLANTED}
    assert "RunFailed" in shown["Events"]
    assert "got 500" in shown["Events"]
    assert "UnexpectedStatus" in shown["status"]
    assert 'crontask_attempts_total{reason="UnexpectedStatus"' in metrics
    assert "Attempt 1 failed" in shown["log"]
    spelled = {PLANTED, "planted/", "planted%2F", base64.b64encode(PLANTED.encode()).decode()[:16]}
    for place, text in shown.items():
        found = {form for form in spelled if form in text}
        assert not found, f"{place}: {found}"
