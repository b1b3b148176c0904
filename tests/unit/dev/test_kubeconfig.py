"""A kubeconfig holds all that is needed, and only its owner may read it."""

import base64
import stat
from pathlib import Path

import yaml

from dev.kubeconfig import certificate_user, token_user, write_kubeconfig
from dev.pki import create_pki


def test_it_embeds_certificates_so_that_it_can_be_moved(tmp_path: Path) -> None:
    pki = create_pki(tmp_path / "pki")
    path = write_kubeconfig(
        tmp_path / "config",
        server="https://127.0.0.1:1",
        ca=pki.ca,
        user=certificate_user(pki.admin, pki.admin_key),
    )

    config = yaml.safe_load(path.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    assert cluster["server"] == "https://127.0.0.1:1"
    assert base64.b64decode(cluster["certificate-authority-data"]) == pki.ca.read_bytes()
    assert base64.b64decode(user["client-key-data"]) == pki.admin_key.read_bytes()
    assert str(tmp_path) not in path.read_text()


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    pki = create_pki(tmp_path / "pki")
    path = write_kubeconfig(tmp_path / "c", server="", ca=pki.ca, user=token_user("secret"))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(pki.ca.parent.stat().st_mode) == 0o700
