"""kubeconfig finds the API server for programs that end soon, as kubectl does.

Importing the kubernetes package takes longer than such a program runs. It is therefore
imported only for what is computed: the tokens of exec plugins and of auth providers.
"""

import base64
import binascii
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from crontask_kube.access import Access, AccessError

_COMPUTED: Final = ("exec", "auth-provider")
_POD: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def read_access(context: str | None = None) -> Access:
    """Return the access of `context`, or else of the current one, of the kubeconfig.

    The files are those of ``KUBECONFIG``, or ``~/.kube/config``; of entries of one name
    the first counts. Without any file, a pod's ServiceAccount.

    Raises
    ------
    AccessError
        If there is neither, or if what is there cannot be used.
    """
    files = list(_files())
    if not files and context is None and "KUBERNETES_SERVICE_HOST" in os.environ:
        return _pod_access()
    if not files:
        raise AccessError(
            "no kubeconfig was found: expected KUBECONFIG to name one, or ~/.kube/config"
        )
    name = context or next((str(file.top("current-context")) for file in files if file.current), "")
    if not name:
        raise AccessError("the kubeconfig has no current context: choose one with --context")
    chosen = _entry(files, "contexts", "context", name)
    cluster = _entry(files, "clusters", "cluster", chosen.text("cluster"))
    user_name = chosen.text("user")
    user = _entry(files, "users", "user", user_name) if user_name else _Entry({}, Path())
    if any(kind in user.fields for kind in _COMPUTED):
        return _computed(name, chosen.text("namespace"))
    return _plain(cluster, user, chosen.text("namespace"))


@dataclass(frozen=True, slots=True)
class _Entry:
    """The fields of one entry; paths among them are relative to `folder`."""

    fields: dict[str, Any]
    folder: Path

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def content(self, name: str) -> bytes:
        """Return what ``NAME-data`` holds, or else the file that `name` says; or nothing."""
        if data := self.text(f"{name}-data"):
            try:
                return base64.b64decode(data, validate=True)
            except (binascii.Error, ValueError) as error:
                raise AccessError(f"{name}-data of the kubeconfig: expected base64") from error
        return self.file(name)

    def file(self, name: str) -> bytes:
        path = self.text(name)
        if not path:
            return b""
        try:
            return (self.folder / path).read_bytes()
        except OSError as error:
            raise AccessError(f"{name} of the kubeconfig: {error.strerror}: {path}") from error


@dataclass(frozen=True, slots=True)
class _File:
    content: dict[str, Any]
    folder: Path

    @property
    def current(self) -> bool:
        return bool(self.top("current-context"))

    def top(self, name: str) -> Any:
        return self.content.get(name)


def _files() -> Iterator[_File]:
    named = os.environ.get("KUBECONFIG", "")
    paths = [Path(each) for each in named.split(os.pathsep) if each]
    for path in paths or [Path.home() / ".kube" / "config"]:
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise AccessError(f"the kubeconfig {path}: {error.strerror}") from error
        content = _parsed(text, path)
        if content:
            yield _File(content, path.absolute().parent)


def _parsed(text: bytes, path: Path) -> dict[str, Any]:
    import yaml

    # libyaml's, where there is one, is ten times as fast.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(text, Loader=loader)  # noqa: S506 - both are safe
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        # The parser's words repeat the line, which may be that of a token.
        raise AccessError(f"the kubeconfig {path} is no YAML") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise AccessError(f"the kubeconfig {path}: expected a mapping at its top")
    return content


def _entry(files: list[_File], plural: str, kind: str, name: str) -> _Entry:
    known: list[str] = []
    for file in files:
        for each in file.top(plural) or ():
            if not isinstance(each, dict):
                continue
            if each.get("name") == name:
                fields = each.get(kind)
                return _Entry(fields if isinstance(fields, dict) else {}, file.folder)
            known.append(str(each.get("name")))
    there = f"; there is {', '.join(known[:10])}" if known else ""
    raise AccessError(f"the kubeconfig has no {kind} {name!r}{there}")


def _plain(cluster: _Entry, user: _Entry, namespace: str) -> Access:
    chain = user.content("client-certificate")
    authority = cluster.content("certificate-authority")
    return Access(
        server=cluster.text("server") or "http://localhost:8080",
        namespace=namespace or "default",
        authorization=_authorization(user),
        certificate=chain + b"\n" + user.content("client-key") if chain else None,
        authority=authority.decode("ascii", "replace") or None,
        server_name=cluster.text("tls-server-name") or None,
        proxy=cluster.text("proxy-url") or None,
        verify=cluster.fields.get("insecure-skip-tls-verify") is not True,
    )


def _authorization(user: _Entry) -> str | None:
    token = user.text("token") or user.file("tokenFile").decode("utf-8", "replace").strip()
    if token:
        return f"Bearer {token}"
    if user.text("username"):
        pair = f"{user.text('username')}:{user.text('password')}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"
    return None


def _pod_access() -> Access:
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ.get("KUBERNETES_SERVICE_PORT")
    if ":" in host:
        host = f"[{host}]"
    account = _Entry({name: name for name in ("token", "ca.crt", "namespace")}, _POD)
    read = {name: account.file(name).decode("utf-8", "replace").strip() for name in account.fields}
    return Access(
        server=f"https://{host}:{port or 443}",
        namespace=read["namespace"] or "default",
        authorization=f"Bearer {read['token']}",
        authority=read["ca.crt"],
    )


def _computed(context: str, namespace: str) -> Access:
    """Return the access of a context whose credentials a program or a provider computes."""
    import asyncio

    from crontask_kube.configuration import ConfigException, Configuration, load_context

    async def load() -> tuple[Configuration, str | None]:
        configuration = await load_context(context)
        name = configuration.get_api_key_with_prefix("BearerToken", alias="authorization")
        return configuration, await name

    try:
        configuration, authorization = asyncio.run(load())
        files = [configuration.cert_file, configuration.key_file]
        chain = [Path(path).read_bytes() for path in files if path]
        authority = configuration.ssl_ca_cert
        return Access(
            server=configuration.host,
            namespace=namespace or "default",
            authorization=authorization,
            certificate=b"\n".join(chain) or None,
            authority=Path(authority).read_text("ascii") if authority else None,
            server_name=configuration.tls_server_name or None,
            proxy=configuration.proxy or None,
            verify=configuration.verify_ssl,
        )
    except (ConfigException, OSError, ValueError) as error:
        # What a plugin says may hold a token.
        raise AccessError(
            f"the credentials of the context {context!r} cannot be computed"
        ) from error
