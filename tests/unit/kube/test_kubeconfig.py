"""A kubeconfig is read as kubectl reads it, without the kubernetes package."""

import base64
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from crontask_kube.access import AccessError
from crontask_kube.kubeconfig import read_access

CA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def config(
    user: dict[str, Any], name: str = "here", cluster: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": "ns"}}],
        "clusters": [
            {"name": name, "cluster": {"server": f"https://{name}:6443", **(cluster or {})}}
        ],
        "users": [{"name": name, "user": user}],
    }


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write kubeconfigs, which ``KUBECONFIG`` then names in their order."""
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)

    def write_all(*configs: dict[str, Any] | str) -> None:
        paths = []
        for number, each in enumerate(configs):
            path = tmp_path / f"config-{number}"
            path.write_text(each if isinstance(each, str) else yaml.safe_dump(each))
            paths.append(str(path))
        monkeypatch.setenv("KUBECONFIG", os.pathsep.join(paths))

    return write_all


def test_a_token_and_a_cluster(write: Any) -> None:
    data = base64.b64encode(CA.encode()).decode()
    write(
        config(
            {"token": "secret"},
            cluster={
                "certificate-authority-data": data,
                "tls-server-name": "api",
                "proxy-url": "http://p:1",
                "insecure-skip-tls-verify": True,
            },
        )
    )

    access = read_access()
    assert (access.server, access.namespace) == ("https://here:6443", "ns")
    assert access.authorization == "Bearer secret"
    assert (access.authority, access.server_name, access.proxy) == (CA, "api", "http://p:1")
    assert access.verify is False
    assert "secret" not in repr(access)


def test_files_are_relative_to_the_file_that_names_them(write: Any, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n")
    (tmp_path / "crt").write_text("chain")
    (tmp_path / "key").write_text("key")
    write(config({"tokenFile": "token", "client-certificate": "crt", "client-key": "key"}))

    access = read_access()
    assert access.authorization == "Bearer from-a-file"
    assert access.certificate == b"chain\nkey"


def test_of_several_files_the_first_entry_counts(write: Any) -> None:
    write(config({"token": "a"}, "a"), config({"token": "b"}, "b"), config({"token": "c"}, "a"))

    assert read_access().authorization == "Bearer a"
    assert read_access("b").authorization == "Bearer b"


def test_a_name_and_a_password(write: Any) -> None:
    write(config({"username": "u", "password": "p"}))

    assert read_access().authorization == f"Basic {base64.b64encode(b'u:p').decode()}"


def test_what_a_program_computes_comes_from_it(write: Any, tmp_path: Path) -> None:
    answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"}
    program = tmp_path / "login"
    printed = json.dumps(answer | {"status": {"token": "computed"}})
    program.write_text(f"#!/bin/sh\necho '{printed}'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    plugin = {"apiVersion": answer["apiVersion"], "command": str(program), "args": []}
    write(config({"exec": plugin}))

    access = read_access()
    assert (access.authorization, access.namespace) == ("Bearer computed", "ns")
    assert access.server == "https://here:6443"


WRONG: dict[str, tuple[Any, str | None, str]] = {
    "no file": (None, None, "no kubeconfig was found"),
    "no YAML": ("token: [secret", None, "is no YAML"),
    "a list": ("- secret", None, "expected a mapping at its top"),
    "no context": ({"clusters": [], "users": []}, None, "has no current context"),
    "another context": (config({}), "there", "no context 'there'; there is here"),
    "no such cluster": (config({}) | {"clusters": []}, None, "has no cluster 'here'"),
    "no base64": (
        config({}, cluster={"certificate-authority-data": "secret!"}),
        None,
        "expected base64",
    ),
    "a file that is not there": (
        config({"tokenFile": "lost"}),
        None,
        "tokenFile of the kubeconfig: No such file or directory: lost",
    ),
}


@pytest.mark.parametrize(("content", "context", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_without_secrets(
    write: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: Any,
    context: str | None,
    told: str,
) -> None:
    if content is None:
        write()
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "lost"))
    else:
        write(content)
    with pytest.raises(AccessError) as caught:
        read_access(context)
    assert told in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_certificate_of_no_use(write: Any) -> None:
    data = base64.b64encode(b"secret").decode()
    write(config({"client-certificate-data": data, "client-key-data": data}))

    with pytest.raises(AccessError, match="cannot be used"):
        read_access().tls()
