"""connection opens the service that the options of a command name."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crontask_cli.errors import MISTAKE, CliError

if TYPE_CHECKING:
    from crontask_cli.service.base import TaskService
    from crontask_kube.access import Access

MAX_TOKEN_BYTES: Final = 64 * 1024
"""Of a token's file. Anything longer is another file."""


@dataclass(frozen=True, slots=True)
class Connection:
    """What the options say of where the tasks are."""

    context: str | None = None
    namespace: str | None = None
    everywhere: bool = False
    server: str | None = None
    token_file: str | None = None

    def open(self, *, everywhere: bool = False, timeout: float = 60.0) -> "TaskService":
        """Return the service; `everywhere` says that the command can take ``-A``.

        `timeout` is the longest silence of the server, in seconds.

        Raises
        ------
        CliError
            If the options do not go together.
        crontask_kube.access.AccessError
            If the kubeconfig cannot be used.
        """
        if self.everywhere and self.namespace:
            raise CliError("-A and -n do not go together: choose one", MISTAKE)
        if self.everywhere and (not everywhere or self.server):
            what = "a facade" if self.server else "this command"
            raise CliError(f"-A: {what} serves one namespace at a time; choose it with -n", MISTAKE)
        if self.server is not None:
            from crontask_cli.service.facade import FacadeService

            return FacadeService(self.access(), self._checked_namespace(""), timeout=timeout)
        from crontask_cli.service.cluster import ClusterService

        access = self.access()
        namespace = "" if self.everywhere else self._checked_namespace(access.namespace)
        return ClusterService(access, namespace, timeout=timeout)

    def access(self) -> "Access":
        """Return where the server is, with the caller's proof; raises as `open`."""
        if self.server is None:
            if self.token_file is not None:
                raise CliError("--token-file: it is for --server, which is missing", MISTAKE)
            from crontask_kube.kubeconfig import read_access

            return read_access(self.context)
        if self.context is not None:
            raise CliError("--context and --server do not go together: choose one", MISTAKE)
        from crontask_kube.access import Access

        return Access(
            server=_checked_url(self.server),
            authorization=f"Bearer {_token(self.token_file)}" if self.token_file else None,
        )

    def _checked_namespace(self, default: str) -> str:
        from crontask_kube.names import check_namespace

        return check_namespace(self.namespace, "-n") if self.namespace is not None else default


def _checked_url(text: str) -> str:
    from urllib.parse import urlsplit

    try:
        url = urlsplit(text)
        good = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        good = False
    if not good or "@" in url.netloc or not text.isascii() or not text.isprintable():
        raise CliError(
            "--server: expected the facade's URL, such as http://localhost:6557", MISTAKE
        )
    return text


def _token(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_TOKEN_BYTES + 1)
    except OSError as error:
        raise CliError(f"--token-file: {error.strerror}: {path}", MISTAKE) from error
    token = content.decode("ascii", "replace").strip()
    is_token = token.isascii() and token.isprintable() and " " not in token
    if not token or not is_token or len(content) > MAX_TOKEN_BYTES:
        raise CliError("--token-file: expected a file with one line, the token", MISTAKE)
    return token
