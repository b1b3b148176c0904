"""The certificates and keys of one control plane, valid for it alone."""

from dataclasses import dataclass
from pathlib import Path

import trustme

from dev.ports import LOOPBACK


@dataclass(frozen=True, slots=True)
class Pki:
    """Paths of PEM files. A certificate's file also holds its chain."""

    ca: Path
    server: Path
    server_key: Path
    admin: Path
    admin_key: Path
    service_account_key: Path
    """Signs and verifies the tokens of ServiceAccounts."""


def create_pki(folder: Path) -> Pki:
    """Write a new certificate authority and all that it signs into `folder`."""
    authority = trustme.CA(organization_name="CronTask local control plane")
    server = authority.issue_cert(LOOPBACK, "localhost", "kubernetes.default.svc")
    # kube-apiserver takes the organization as the group; this one may do everything
    # without RBAC's leave (https://kubernetes.io/docs/reference/access-authn-authz/rbac).
    admin = authority.issue_cert(
        "admin.crontask.invalid", common_name="admin", organization_name="system:masters"
    )
    tokens = authority.issue_cert("tokens.crontask.invalid")

    folder.mkdir(mode=0o700)
    pki = Pki(
        ca=folder / "ca.pem",
        server=folder / "server.pem",
        server_key=folder / "server-key.pem",
        admin=folder / "admin.pem",
        admin_key=folder / "admin-key.pem",
        service_account_key=folder / "service-account-key.pem",
    )
    authority.cert_pem.write_to_path(pki.ca)
    for leaf, certificate, key in (
        (server, pki.server, pki.server_key),
        (admin, pki.admin, pki.admin_key),
    ):
        for number, blob in enumerate(leaf.cert_chain_pems):
            blob.write_to_path(certificate, append=number > 0)
        leaf.private_key_pem.write_to_path(key)
    tokens.private_key_pem.write_to_path(pki.service_account_key)
    return pki
