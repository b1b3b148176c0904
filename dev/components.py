"""The command lines of etcd, kube-apiserver and kube-controller-manager."""

from pathlib import Path

from dev.pki import Pki
from dev.ports import LOOPBACK


def etcd_arguments(folder: Path) -> list[str]:
    """Return etcd's arguments for a single member that keeps all it has in `folder`.

    It listens on Unix sockets alone: no port to choose, and no other user of the
    machine can reach a store that asks for no password. The addresses that it
    advertises must look like ports, but a single member calls nobody, itself included.
    """
    return [
        f"--data-dir={folder / 'etcd'}",
        "--name=dev",
        f"--listen-client-urls=unix://{etcd_socket(folder)}",
        # gRPC gets a listener of its own, as etcd advises, if HTTP has another.
        f"--listen-client-http-urls=unix://{folder / 'etcd-http.sock'}",
        f"--listen-peer-urls=unix://{folder / 'etcd-peer.sock'}",
        "--advertise-client-urls=http://localhost:2379",
        "--initial-advertise-peer-urls=http://localhost:2380",
        "--initial-cluster=dev=http://localhost:2380",
        # The data are thrown away at the end; a crash of the machine takes them too.
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]


def etcd_socket(folder: Path) -> Path:
    """Return the socket on which etcd serves kube-apiserver."""
    return folder / "etcd.sock"


def kube_apiserver_arguments(folder: Path, pki: Pki, port: int) -> list[str]:
    """Return kube-apiserver's arguments: TLS, RBAC and ServiceAccount tokens as usual.

    No controller runs beside it. So the ServiceAccount admission plugin, which waits
    for a controller to make default accounts, is off, and the endpoints of the
    ``kubernetes`` Service are not kept, as they may not be loopback addresses.
    """
    issuer = "https://kubernetes.default.svc"
    return [
        f"--etcd-servers=unix://{etcd_socket(folder)}",
        f"--bind-address={LOOPBACK}",
        f"--advertise-address={LOOPBACK}",
        f"--secure-port={port}",
        "--permit-port-sharing",
        "--endpoint-reconciler-type=none",
        "--service-cluster-ip-range=10.0.0.0/24",
        f"--cert-dir={folder / 'kube-apiserver'}",
        f"--tls-cert-file={pki.server}",
        f"--tls-private-key-file={pki.server_key}",
        f"--client-ca-file={pki.ca}",
        f"--service-account-issuer={issuer}",
        f"--service-account-key-file={pki.service_account_key}",
        f"--service-account-signing-key-file={pki.service_account_key}",
        "--authorization-mode=RBAC",
        "--disable-admission-plugins=ServiceAccount",
    ]


def controller_manager_arguments(kubeconfig: Path, pki: Pki, port: int) -> list[str]:
    """Return kube-controller-manager's arguments: CronJobs and their Jobs, nothing else.

    It acts as the user of `kubeconfig`. All else is as it is by default, the limits on
    its requests and workers included.
    """
    return [
        f"--kubeconfig={kubeconfig}",
        # Without these it would look for a cluster around itself to know its callers by.
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        # An aggregating API server's settings, which are absent here; it would ask again
        # and again.
        "--authentication-skip-lookup",
        "--controllers=cronjob-controller,job-controller",
        # It is alone, and a lease would be renewed with requests that count.
        "--leader-elect=false",
        f"--bind-address={LOOPBACK}",
        f"--secure-port={port}",
        f"--tls-cert-file={pki.server}",
        f"--tls-private-key-file={pki.server_key}",
    ]
