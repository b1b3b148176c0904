"""blocking sends one request after the other, for programs that end soon.

`http.client` is imported in a tenth of the time that aiohttp takes, and a thread that
waits in it is ended by Ctrl-C at once.
"""

import http.client
import socket
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Final, NamedTuple, Self
from urllib.parse import quote, urlencode, urlsplit

from crontask_kube.access import Access
from crontask_kube.errors import ApiError, UnavailableError, refusal

if TYPE_CHECKING:
    import ssl

JSON: Final = "application/json"
APPLY_PATCH: Final = "application/apply-patch+yaml"
MERGE_PATCH: Final = "application/merge-patch+json"

TIMEOUT_SECONDS: Final = 60.0
"""Longest silence of a server within an answer: the API server's own bound of a request."""

LONGEST_LINE: Final = 8 * 1024 * 1024
"""Bytes of one event of a watch; etcd keeps no object as large."""

ATTEMPTS: Final = 4
"""Tries of a request that the API server turned away because it is busy."""
LONGEST_PAUSE_SECONDS: Final = 2.0

_FAULTS: Final = (OSError, http.client.HTTPException)


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class BlockingHttp:
    """One connection to a server, opened when it is needed; for one thread at a time."""

    def __init__(
        self,
        access: Access,
        *,
        user_agent: str,
        headers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._access = access
        self._timeout = timeout
        self._base = urlsplit(access.server)
        self._headers = {"User-Agent": user_agent, **(headers or {})}
        if access.authorization:
            self._headers["Authorization"] = access.authorization
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = JSON,
        accept: str = JSON,
    ) -> Answer:
        """Return the answer, whatever its status.

        A request on a kept connection that the server had closed is sent once more.

        Raises
        ------
        UnavailableError
            If there was none.
        """
        is_kept = self._connection is not None
        try:
            response = self._sent(method, path, query, body, content_type, accept)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
            self.close()
            if not is_kept:
                raise self._unavailable(error) from error
            return self.send(
                method, path, query=query, body=body, content_type=content_type, accept=accept
            )
        except _FAULTS as error:
            self.close()
            raise self._unavailable(error) from error
        try:
            return Answer(response.status, response.headers, response.read())
        except _FAULTS as error:
            self.close()
            raise self._unavailable(error) from error

    def lines(self, path: str, query: Mapping[str, str]) -> Iterator[bytes]:
        """Yield the lines of the answer to a GET as they come, for a watch.

        Raises
        ------
        ApiError
            If the server refuses, does not answer, or if the connection breaks.
        """
        try:
            response = self._sent("GET", path, query, None, JSON, JSON)
            if response.status >= 300:
                raise refusal(response.status, response.read())
            while line := response.readline(LONGEST_LINE):
                if not line.endswith(b"\n"):
                    break
                yield line
        except _FAULTS as error:
            raise self._unavailable(error) from error
        finally:
            self.close()

    def _sent(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: bytes | None,
        content_type: str,
        accept: str,
    ) -> http.client.HTTPResponse:
        if self._connection is None:
            self._connection = self._open()
        tail = f"?{urlencode(query, quote_via=quote)}" if query else ""
        headers = {**self._headers, "Accept": accept}
        if body is not None:
            headers["Content-Type"] = content_type
        target = f"{self._base.path.rstrip('/')}{path}{tail}"
        self._connection.request(method, target, body=body, headers=headers)
        return self._connection.getresponse()

    def _open(self) -> http.client.HTTPConnection:
        secure = self._base.scheme == "https"
        host, port = self._base.hostname or "", self._base.port or (443 if secure else 80)
        via, via_port = host, port
        if self._access.proxy:
            proxy = urlsplit(self._access.proxy)
            via, via_port = proxy.hostname or "", proxy.port or 80
        if secure:
            name = self._access.server_name or host
            connection: http.client.HTTPConnection = _TlsConnection(
                via, via_port, self._access.tls(), name, timeout=self._timeout
            )
        else:
            connection = http.client.HTTPConnection(via, via_port, timeout=self._timeout)
        if self._access.proxy:
            connection.set_tunnel(host, port)
        return connection

    def _unavailable(self, error: Exception) -> UnavailableError:
        where = f"{self._base.scheme}://{self._base.netloc.rpartition('@')[2]}"
        return UnavailableError(f"no answer from {where}: {_reason(error)}")


class KubeHttp(BlockingHttp):
    """A connection to the API server."""

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = JSON,
        accept: str = JSON,
    ) -> bytes:
        """Return the body of the answer; `path` is a ``resource_path``.

        Raises
        ------
        ApiError
            If the API server refuses or cannot be reached.
        """
        for attempt in range(1, ATTEMPTS + 1):
            answer = self.send(
                method, path, query=query, body=body, content_type=content_type, accept=accept
            )
            if answer.status < 300:
                break
            error = _told(refusal(answer.status, answer.body))
            # 429: turned away before any work, so that nothing is done twice.
            if answer.status != HTTPStatus.TOO_MANY_REQUESTS or attempt == ATTEMPTS:
                raise error
            time.sleep(min(error.retry_after or 1.0, LONGEST_PAUSE_SECONDS))
        return answer.body


class _TlsConnection(http.client.HTTPSConnection):
    """A connection whose certificate may be of another name than the host's."""

    def __init__(
        self, host: str, port: int, tls: "ssl.SSLContext", name: str, *, timeout: float
    ) -> None:
        super().__init__(host, port, timeout=timeout, context=tls)
        self._tls = tls
        self._name = name

    def connect(self) -> None:
        """Connect, through the proxy if there is one, and speak TLS."""
        http.client.HTTPConnection.connect(self)
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._name)


def _told(error: ApiError) -> ApiError:
    if error.status == HTTPStatus.UNAUTHORIZED:
        error.args = ("the server does not accept the credentials: sign in again",)
    return error


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    if isinstance(error, socket.gaierror):
        return "its name does not resolve"
    verify = getattr(error, "verify_message", "")
    if verify:
        return f"its certificate is not trusted ({verify})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, http.client.RemoteDisconnected):
        return "it closed the connection"
    return "it does not speak HTTP as expected"
