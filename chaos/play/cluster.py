"""cluster does to a control plane what the nemesis wants, and undoes it."""

import time
from collections.abc import Callable
from typing import Final

import grpc
import httpx

from chaos.history import History, Span
from chaos.play.editor import Editor
from chaos.play.fleet import Fleet
from dev.components import etcd_socket
from dev.control_plane import ControlPlane
from dev.processes import Child
from dev.rights import grant_rights, release_name
from tests.support.wait import eventually_sync

PATIENCE_SECONDS: Final = 60.0

_RBAC: Final = "/apis/rbac.authorization.k8s.io/v1"
_DEFINITION: Final = (
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/crontasks.crontask.dev"
)


class Cluster:
    """The control plane of a story, with the rights of the operators in `namespace`."""

    def __init__(
        self,
        control_plane: ControlPlane,
        client: httpx.Client,
        namespace: str,
        *,
        fleet: Fleet,
        editor: Editor,
        history: History,
    ) -> None:
        self._plane = control_plane
        self._client = client
        self._namespace = namespace
        self._release = release_name(namespace)
        self._fleet = fleet
        self._editor = editor
        self._history = history
        self._taken: list[str] = []

    def kill_api_server(self) -> None:
        """Kill it."""
        self._plane.kill_api_server()

    def start_api_server(self) -> None:
        """Start it again, and wait until it serves."""
        self._plane.start_api_server()

    def freeze_api_server(self) -> None:
        """Stop its clock."""
        self._api_server.pause()

    def thaw_api_server(self) -> None:
        """Let it go on, and wait until it answers."""
        self._api_server.resume()
        self._answers()

    def freeze_etcd(self) -> None:
        """Stop etcd's clock."""
        self._etcd.pause()

    def thaw_etcd(self) -> None:
        """Let etcd go on, and wait until the API server can read from it."""
        self._etcd.resume()
        self._answers()

    def compact(self) -> None:
        """Have etcd forget all revisions but the present one."""
        answer = self._ask(lambda: self._client.get("/api/v1/namespaces", params={"limit": "1"}))
        revision = int(answer.json()["metadata"]["resourceVersion"])
        with grpc.insecure_channel(f"unix:{etcd_socket(self._plane.folder)}") as channel:
            compact = channel.unary_unary("/etcdserverpb.KV/Compact", None, None)
            # CompactionRequest: the revision is field 1, `physical` is field 2.
            compact(b"\x08" + _varint(revision) + b"\x10\x01", timeout=PATIENCE_SECONDS)

    def take_rights(self) -> None:
        """Take the right to see and write tasks from the operators."""
        self._unbind(f"{_RBAC}/clusterrolebindings/{self._release}-operator")

    def take_lease_rights(self) -> None:
        """Take the right to see and write Leases from the operators."""
        place = f"{_RBAC}/namespaces/{self._namespace}/rolebindings"
        self._unbind(f"{place}/{self._release}-operator-leases")

    def give_rights(self) -> None:
        """Give the operators the chart's rights again."""
        grant_rights(self._plane, self._release, self._namespace)

    def delete_leases(self) -> None:
        """Delete every Lease of the namespace."""
        path = f"/apis/coordination.k8s.io/v1/namespaces/{self._namespace}/leases"
        self._ask(lambda: self._client.delete(path))

    def delete_definition(self) -> None:
        """Delete the CRD, and with it every task."""
        self._history.editing.acquire()
        sent = time.time()
        self._ask(lambda: self._client.delete(_DEFINITION), gone_is_done=True)
        eventually_sync(
            lambda: self._status(_DEFINITION) == 404, PATIENCE_SECONDS, "the CRD to be deleted"
        )
        deletion = Span(sent, time.time())
        lives = self._history.alive()
        self._taken = [life.plan.name for life in lives]
        for name in self._taken:
            self._history.died(name, deletion)

    def restore_definition(self) -> None:
        """Install the CRD again, and the tasks."""
        try:
            self._plane.install_crds()
            for name in self._taken:
                self._editor.create(name)
        finally:
            self._history.editing.release()

    def take_token(self) -> None:
        """Delete the operators' account: no token of it is good any more."""
        place = f"/api/v1/namespaces/{self._namespace}/serviceaccounts"
        self._unbind(f"{place}/{self._release}-operator")

    def give_token(self) -> None:
        """Make the account anew, and give the operators a token of it."""
        self._fleet.renew_token()

    @property
    def _etcd(self) -> Child:
        return self._plane.components[0]

    @property
    def _api_server(self) -> Child:
        return self._plane.components[1]

    def _unbind(self, path: str) -> None:
        self._ask(lambda: self._client.delete(path), gone_is_done=True)

    def _answers(self) -> None:
        self._ask(lambda: self._client.get("/api/v1/namespaces/default"))

    def _status(self, path: str) -> int:
        try:
            return self._client.get(path).status_code
        except httpx.TransportError:
            return 0

    def _ask(
        self, ask: Callable[[], httpx.Response], *, gone_is_done: bool = False
    ) -> httpx.Response:
        """Ask until the API server, which another fault may keep from it, has answered."""

        def answer() -> httpx.Response | None:
            try:
                found = ask()
            except httpx.TransportError:
                return None
            done = found.is_success or (gone_is_done and found.status_code == 404)
            return found if done else None

        found = eventually_sync(answer, PATIENCE_SECONDS, "the API server to answer", every=0.2)
        if found is None:
            raise RuntimeError("expected an answer of the API server")
        return found


def _varint(number: int) -> bytes:
    """Return a number as protobuf writes it."""
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)
