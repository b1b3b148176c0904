"""CronTasks as kubectl and the operator see them, past the facade."""

from typing import Any

import httpx

from crontask_core.constants import API_VERSION, GROUP, KIND, PLURAL, VERSION

Json = dict[str, Any]


class Objects:
    """The CronTasks of one namespace."""

    def __init__(self, client: httpx.Client, namespace: str) -> None:
        self._client = client
        self.path = f"/apis/{GROUP}/{VERSION}/namespaces/{namespace}/{PLURAL}"

    def create(self, name: str, **spec: Any) -> Json:
        """Create a task as ``kubectl apply`` does: right but for `spec`."""
        whole = {
            "schedule": "*/5 * * * *",
            "callback": {"http": {"url": "http://127.0.0.1:1/kubectl"}},
        } | spec
        return self._sent(
            "POST",
            self.path,
            {
                "apiVersion": API_VERSION,
                "kind": KIND,
                "metadata": {"name": name},
                "spec": {field: value for field, value in whole.items() if value is not None},
            },
        )

    def uid(self, name: str) -> str:
        """Return what tells the object from others that had its name."""
        uid: str = self.get(name)["metadata"]["uid"]
        return uid

    def get(self, name: str) -> Json:
        """Return the task."""
        return self._sent("GET", f"{self.path}/{name}")

    def delete(self, name: str) -> None:
        """Delete the task."""
        self._sent("DELETE", f"{self.path}/{name}")

    def merge(self, name: str, patch: Json) -> Json:
        """Merge `patch` into the task."""
        return self._sent("PATCH", f"{self.path}/{name}", patch)

    def set_status(self, name: str, **status: Any) -> Json:
        """Write the task's status as the operator does."""
        return self._sent("PATCH", f"{self.path}/{name}/status", {"status": status})

    def names(self) -> list[str]:
        """Return the names of all tasks."""
        return [task["metadata"]["name"] for task in self._sent("GET", self.path)["items"]]

    def _sent(self, method: str, path: str, body: Json | None = None) -> Json:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        response = self._client.request(method, path, json=body, headers={"Content-Type": kind})
        assert response.is_success, response.text
        answer: Json = response.json()
        return answer
