"""Kubeconfig files: one cluster, one user, nothing outside the file needed to use it."""

import base64
from pathlib import Path

import yaml

CONTEXT = "crontask-dev"


def write_kubeconfig(path: Path, *, server: str, ca: Path, user: dict[str, str]) -> Path:
    """Write a kubeconfig for `server` to `path`, readable by this user alone.

    `user` is the kubeconfig's user entry; see `certificate_user` and `token_user`.
    """
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": CONTEXT,
                "cluster": {"server": server, "certificate-authority-data": _embedded(ca)},
            }
        ],
        "users": [{"name": CONTEXT, "user": user}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
        "current-context": CONTEXT,
    }
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


def certificate_user(certificate: Path, key: Path) -> dict[str, str]:
    """Return the user entry of a client certificate."""
    return {"client-certificate-data": _embedded(certificate), "client-key-data": _embedded(key)}


def token_user(token: str) -> dict[str, str]:
    """Return the user entry of a bearer token, such as a ServiceAccount's."""
    return {"token": token}


def _embedded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
