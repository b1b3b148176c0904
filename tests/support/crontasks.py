"""CronTask manifests for tests, and a client that sends them to the API server bare.

kubectl would decide some things itself and throttles; here one request is one question
to the API server.
"""

import copy
from typing import Any, cast

import httpx

from crontask_core.constants import (
    API_VERSION,
    GROUP,
    KIND,
    PLURAL,
    RUN_REQUEST_ANNOTATION,
    VERSION,
)
from dev.crd import load_schema

Manifest = dict[str, Any]

NAME = "subject"
URL = "http://127.0.0.1:8099/ok"
SCHEDULE = "*/5 * * * *"


def manifest(spec: Manifest, name: str = NAME) -> Manifest:
    """Return a CronTask with exactly `spec`."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": name},
        "spec": spec,
    }


def task(**spec: Any) -> Manifest:
    """Return a spec that is right but for what `spec` replaces or adds; None removes."""
    whole = {"schedule": SCHEDULE, "callback": {"http": {"url": URL}}} | spec
    return {field: value for field, value in whole.items() if value is not None}


def http_task(**http: Any) -> Manifest:
    """Return a spec whose HTTP callback is right but for `http`; None removes."""
    whole = {"url": URL} | http
    return task(
        callback={"http": {field: value for field, value in whole.items() if value is not None}}
    )


def header_task(**header: Any) -> Manifest:
    """Return a spec whose HTTP callback has the one header `header`."""
    return http_task(headers=[header])


def grpc_task(**grpc: Any) -> Manifest:
    """Return a spec whose gRPC callback is right but for `grpc`."""
    whole = {"address": "127.0.0.1:50051", "service": "shop.v1.Reports", "method": "Send"}
    return task(callback={"grpc": whole | grpc})


def metadata_task(**entry: Any) -> Manifest:
    """Return a spec whose gRPC callback has the one metadata entry `entry`."""
    return grpc_task(metadata=[entry])


def new_status() -> Manifest:
    """Return the status that the API server gives a task which has none."""
    return copy.deepcopy(cast(Manifest, load_schema()["properties"]["status"]["default"]))


def path_of(namespace: str) -> str:
    """Return the URL path of the CronTasks of a namespace."""
    return f"/apis/{GROUP}/{VERSION}/namespaces/{namespace}/{PLURAL}"


class CronTasks:
    """The CronTasks of `namespace`, over a client of the API server."""

    def __init__(self, client: httpx.Client, namespace: str = "default") -> None:
        self._client = client
        self._path = path_of(namespace)

    def create(
        self,
        spec: Manifest,
        name: str = NAME,
        *,
        dry_run: bool = False,
        labels: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Create a task; a field that the CRD does not know is refused."""
        parameters = {"fieldValidation": "Strict"} | ({"dryRun": "All"} if dry_run else {})
        body = manifest(spec, name)
        if labels:
            body["metadata"] = {"name": name, "labels": labels}
        return self._client.post(self._path, json=body, params=parameters)

    def get(self, name: str = NAME) -> Manifest:
        """Return the task as the API holds it."""
        answer = self._client.get(f"{self._path}/{name}").raise_for_status()
        return cast(Manifest, answer.json())

    def status(self, name: str = NAME) -> Manifest:
        """Return the task's status, empty before the operator has written one."""
        return cast(Manifest, self.get(name).get("status", {}))

    def runs(self, name: str = NAME) -> list[str]:
        """Return the task's records, newest first, each as run type, attempt, status."""
        return [
            f"{run['runType']} {run['attempt']} {run['status']}"
            for run in self.status(name).get("runs", [])
        ]

    def all(self) -> list[Manifest]:
        """Return all tasks."""
        answer = self._client.get(self._path).raise_for_status()
        return cast(list[Manifest], answer.json()["items"])

    def delete(self, name: str = NAME) -> None:
        """Delete the task."""
        self._client.delete(f"{self._path}/{name}").raise_for_status()

    def delete_all(self, labels: str = "") -> None:
        """Delete all tasks of the namespace with these labels, such as ``a=b``."""
        params = {"labelSelector": labels}
        self._client.delete(self._path, params=params, timeout=60).raise_for_status()

    def request_run(self, value: str, name: str = NAME) -> None:
        """Ask for a run now."""
        annotations = {RUN_REQUEST_ANNOTATION: value}
        self.merge({"metadata": {"annotations": annotations}}, name).raise_for_status()

    def merge(self, patch: Manifest, name: str = NAME) -> httpx.Response:
        """Merge `patch` into the task."""
        return self._merge(f"{self._path}/{name}", patch)

    def merge_status(self, status: Manifest, name: str = NAME) -> httpx.Response:
        """Merge `status` into the task's status, as the operator does."""
        return self._merge(f"{self._path}/{name}/status", {"status": status})

    def _merge(self, path: str, patch: Manifest) -> httpx.Response:
        return self._client.patch(
            path, json=patch, headers={"Content-Type": "application/merge-patch+json"}
        )


def causes(response: httpx.Response) -> list[tuple[str, str]]:
    """Return field and message of each mistake for which `response` refuses an object."""
    # After a wrong type or length the API server leaves the rules unchecked, and says
    # so in a cause of no field.
    found = response.json()["details"].get("causes", [])
    return [(cause["field"], cause["message"]) for cause in found if cause["field"] != "<nil>"]
