"""Facade asks the facade of a release inside the cluster, for the tests of that release."""

import base64
import json
from typing import Any

from tests.e2e.cluster import Cluster
from tests.e2e.target import Target


class Facade:
    """Sends requests from a pod to the Service, with the token that the chart made.

    Parameters
    ----------
    name
        Of the facade's objects, such as ``crontask-facade``.
    """

    def __init__(self, cluster: Cluster, target: Target, namespace: str, name: str) -> None:
        self._target = target
        where = ("--namespace", namespace)
        secret = cluster.get("secret", f"{name}-token", *where)
        self._token = base64.b64decode(secret["data"]["token"]).decode()
        spec = cluster.get("service", name, *where)["spec"]
        # Not every cluster these tests run on has DNS.
        self.url = f"http://{spec['clusterIP']}:6557"

    def post(self, endpoint: str, item: dict[str, Any]) -> dict[str, Any]:
        """Send one item; return the data of the answer."""
        return self.ask(endpoint, {"task_list": [item]})

    def ask(self, endpoint: str, question: dict[str, Any]) -> dict[str, Any]:
        """Send a body; return the data of the answer."""
        program = f"""
import urllib.request
request = urllib.request.Request(
    {self.url!r} + "/crontab/{endpoint}", {json.dumps(question)!r}.encode(),
    {{"Authorization": "Bearer {self._token}"}},
)
print(urllib.request.urlopen(request).read().decode())
"""
        answer = json.loads(self._target.python(program))
        assert answer["state"] == 0, answer
        return dict(answer["data"])
