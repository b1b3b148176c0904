"""A real Kubernetes control plane on loopback: etcd and kube-apiserver, no nodes."""

import os
import ssl
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType

import httpx

from dev import tools
from dev.components import (
    controller_manager_arguments,
    etcd_arguments,
    etcd_socket,
    kube_apiserver_arguments,
)
from dev.errors import DevError
from dev.guarded import make_folder, remove_folder
from dev.kubeconfig import certificate_user, token_user, write_kubeconfig
from dev.pki import create_pki
from dev.ports import LOOPBACK, HeldPort, free_port
from dev.processes import Child
from dev.readiness import loopback_client, succeeds, wait_until_ready

READY_SECONDS = 120.0
"""Bound on the start of one component: 4 s is usual, a busy CI machine takes longer."""

YEAR_SECONDS = 365 * 24 * 3600

CRDS = Path(__file__).parents[1] / "crds"


class KubectlError(DevError):
    """kubectl ended with an error; the message is the command and what it said."""


class ControlPlane:
    """etcd and kube-apiserver, up from ``with`` to the end of its block.

    `kubeconfig` is the path of an administrator's kubeconfig, `ca` that of the
    certificate which signed the API server's, `server` its URL. Any number of them run
    side by side. Whatever ends this process, nothing is left: the block's end stops
    them in order, and a killed process's guardian kills them.

    All they keep is in `folder`, which lasts as long as they do; their logs are in
    `logs` if that is given.
    """

    def __init__(self, logs: Path | None = None) -> None:
        self.folder = make_folder("crontask-")
        self._logs = logs or self.folder
        self.kubeconfig = self.folder / "kubeconfig"
        self._port = HeldPort()
        self._pki = create_pki(self.folder / "pki")
        self.ca = self._pki.ca
        self._etcd: Child | None = None
        self._api_server: Child | None = None

    @property
    def server(self) -> str:
        """The API server's URL."""
        return f"https://{LOOPBACK}:{self._port.number}"

    @property
    def components(self) -> tuple[Child, ...]:
        """The processes of etcd and the API server, as far as they were started."""
        return tuple(child for child in (self._etcd, self._api_server) if child is not None)

    def __enter__(self) -> "ControlPlane":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start both components and wait until the API server is ready.

        Raises
        ------
        dev.tools.ToolsError
            If a component's program can be neither found nor built.
        dev.processes.ChildFailedError
            If a component ends or is not ready in time; with the end of its log.
        """
        user = certificate_user(self._pki.admin, self._pki.admin_key)
        write_kubeconfig(self.kubeconfig, server=self.server, ca=self._pki.ca, user=user)
        self._etcd = self._start_component("etcd", etcd_arguments(self.folder))
        # Without etcd, kube-apiserver would give up after 20 s.
        wait_until_ready(self._etcd, etcd_socket(self.folder).exists, READY_SECONDS)
        self.start_api_server()

    def stop(self) -> None:
        """Stop both and remove all they left. May be called twice."""
        # In this order: kube-apiserver's own shutdown writes to etcd, and would wait for it.
        self.stop_api_server()
        if self._etcd is not None:
            self._etcd.stop()
        self._port.close()
        remove_folder(self.folder)

    def start_api_server(self) -> None:
        """Start the API server, on the same port each time, and wait until it is ready."""
        arguments = kube_apiserver_arguments(self.folder, self._pki, self._port.number)
        self._api_server = self._start_component("kube-apiserver", arguments)
        with self.client() as client:
            # The namespaces come a moment after the API server says that it is ready,
            # and after a restart so do the objects of the CRDs that are there.
            for path in ("/readyz", "/api/v1/namespaces/default"):
                self._wait_for_api_server(partial(succeeds, client, path))
            self._wait_for_api_server(partial(_serves_all_crds, client))

    def stop_api_server(self) -> None:
        """Stop the API server in order and leave etcd, so that it can be started again."""
        if self._api_server is not None:
            self._api_server.stop()

    def kill_api_server(self) -> None:
        """End the API server as a crash would."""
        if self._api_server is not None:
            self._api_server.kill()

    def start_controller_manager(self, *flags: str) -> Child:
        """Start a controller manager for CronJobs and Jobs, and wait until it is ready.

        `flags` go after the usual ones. Who starts it stops it, before the API server.
        """
        port = free_port()
        arguments = controller_manager_arguments(self.kubeconfig, self._pki, port)
        manager = self._start_component("kube-controller-manager", [*arguments, *flags])
        try:
            with loopback_client(f"https://{LOOPBACK}:{port}", self.tls()) as client:
                wait_until_ready(manager, partial(succeeds, client, "/healthz"), READY_SECONDS)
        except BaseException:
            manager.kill()
            raise
        return manager

    def kubectl(self, *arguments: str | Path, stdin: str | None = None) -> str:
        """Run kubectl as the administrator and return what it printed.

        Raises
        ------
        KubectlError
            If it fails, with what it said.
        """
        result = subprocess.run(
            [tools.ensure("kubectl"), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=os.environ
            | {
                "KUBECONFIG": str(self.kubeconfig),
                # The user's own cache is keyed by address, and this port was
                # another API server's before; the user's preferences are not ours.
                "KUBECACHEDIR": str(self.folder / "kubectl"),
                "KUBERC": "off",
            },
            check=False,
        )
        if result.returncode:
            command = " ".join(map(str, ("kubectl", *arguments)))
            raise KubectlError(f"{command}: exit code {result.returncode}\n{result.stderr}")
        return result.stdout

    def install_crds(self, folder: Path = CRDS) -> None:
        """Apply the CRDs in `folder` and wait until the API server serves them."""
        self.kubectl("apply", "--server-side", "-f", folder)
        with self.client() as client:
            self._wait_for_api_server(partial(_serves_all_crds, client))

    def service_account_kubeconfig(self, namespace: str, name: str) -> Path:
        """Return a kubeconfig of an existing ServiceAccount, good for a year.

        Its token comes from the TokenRequest API, so RBAC decides what it may do.
        """
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
        with self.client() as client:
            answer = client.post(path, json={"spec": {"expirationSeconds": YEAR_SECONDS}})
            token = answer.raise_for_status().json()["status"]["token"]
        return write_kubeconfig(
            self.folder / f"kubeconfig-{namespace}-{name}",
            server=self.server,
            ca=self._pki.ca,
            user=token_user(token),
        )

    def client(self) -> httpx.Client:
        """Return a client of the API server with the administrator's certificate."""
        # A list of hundreds takes seconds on a machine that is busy with other things.
        return loopback_client(self.server, self.tls(), timeout=60)

    def tls(self) -> ssl.SSLContext:
        """Return a TLS context with which any client is the administrator."""
        context = ssl.create_default_context(cafile=self._pki.ca)
        context.load_cert_chain(self._pki.admin, self._pki.admin_key)
        return context

    def server_tls(self) -> ssl.SSLContext:
        """Return a TLS context with which a proxy is taken for the API server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._pki.server, self._pki.server_key)
        return context

    def _start_component(self, name: str, arguments: list[str]) -> Child:
        program = str(tools.ensure(name))
        return Child.start(name, [program, *arguments], log=self._logs / f"{name}.log")

    def _wait_for_api_server(self, is_ready: Callable[[], bool]) -> None:
        if self._api_server is None:
            raise DevError("the control plane has not been started")
        wait_until_ready(self._api_server, is_ready, READY_SECONDS)


def _serves_all_crds(client: httpx.Client) -> bool:
    """Whether discovery knows every custom resource, and each can be listed.

    The API server needs a moment for either, in no particular order.
    """
    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    for definition in client.get(definitions).raise_for_status().json()["items"]:
        spec = definition["spec"]
        for version in spec["versions"]:
            group_version = f"/apis/{spec['group']}/{version['name']}"
            resource = f"{group_version}/{spec['names']['plural']}"
            if not (succeeds(client, group_version) and succeeds(client, resource)):
                return False
    return True
