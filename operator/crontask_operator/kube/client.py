"""A lean connection to the API server for the calls that happen per run.

The generated client of the kubernetes package costs 1.5 ms of CPU a call, this one
0.6 ms; at hundreds of status writes a second that is the difference between half a
core and one. Configuration, credentials and their renewal stay the package's.
"""

import asyncio
import logging
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import aiohttp
import msgspec
from kubernetes.aio import config as kube_config
from kubernetes.aio.client import Configuration

from crontask_core.constants import GROUP, PLURAL
from crontask_kube.paths import Resource, request_url, resource_path
from crontask_logs import describe, hide_credentials
from crontask_operator.kube.connections import ClosingConnector
from crontask_operator.process.metrics import count_api_error

logger = logging.getLogger(__name__)

REQUEST_TIMEOUT_SECONDS = 15
CONNECTIONS = 64

SERVED_POLL_SECONDS = 2.0
"""Between two questions whether the CRD is there by now."""

MERGE_PATCH = "application/merge-patch+json"


class ApiError(Exception):
    """The API server refused a request, or could not be reached.

    `status` is the HTTP status, 0 if there was no answer. `message` is the API
    server's own sentence. `sent` is false if there was no connection to send it over.
    """

    def __init__(self, status: int, message: str, *, sent: bool = True) -> None:
        super().__init__(f"{status}: {message}" if status else message)
        self.status = status
        self.message = message
        self.sent = sent


class _Status(msgspec.Struct):
    message: str = ""


class _Resource(msgspec.Struct):
    name: str


class _Resources(msgspec.Struct):
    resources: list[_Resource] = []


_decode_resources = msgspec.json.Decoder(_Resources).decode


async def load_configuration() -> Configuration:
    """Return the in-cluster configuration if there is one, else that of KUBECONFIG."""
    configuration = Configuration()
    try:
        kube_config.load_incluster_config(client_configuration=configuration)
    except kube_config.ConfigException:
        await kube_config.load_kube_config(client_configuration=configuration)
    return configuration


def task_path(namespace: str, name: str, subresource: str | None = None) -> str:
    """Return the URL path of a CronTask or one of its subresources."""
    return resource_path(Resource.CRON_TASKS, namespace, name, subresource)


class KubeApi:
    """One keep-alive session with the API server, an async context manager."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._base = configuration.host.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = aiohttp.ClientSession(
            connector=ClosingConnector(limit=CONNECTIONS, ssl=tls_context(self._configuration)),
            timeout=aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_SECONDS),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    async def request(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        body: bytes | None = None,
        content_type: str = "application/json",
        params: Mapping[str, str] | None = None,
    ) -> bytes:
        """Send one request and return the answer's body; `path` is a `resource_path`.

        `operation` is what the metrics call it, should it fail.

        Raises
        ------
        ApiError
            If the API server answers with 300 or more, or does not answer.
        """
        if self._session is None:
            raise RuntimeError("the session is not open")
        headers = {"Content-Type": content_type} if body is not None else {}
        token = await self._configuration.get_api_key_with_prefix(
            "BearerToken", alias="authorization"
        )
        if token:
            headers["Authorization"] = token
        try:
            async with self._session.request(
                method,
                request_url(self._base, path, params),
                data=body,
                headers=headers,
                allow_redirects=False,
            ) as response:
                answer = await response.read()
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            count_api_error(operation, 0)
            raise ApiError(
                0,
                f"the API server cannot be reached: {describe(error)}",
                sent=not isinstance(error, aiohttp.ClientConnectorError),
            ) from error
        # A redirect is none of the API server's ways; the token is for it alone.
        if status >= 300:
            message = _message(answer)
            count_api_error(operation, status, message)
            raise ApiError(status, message)
        return answer


async def wait_until_served(api: "KubeApi") -> None:
    """Wait until the API server serves CronTasks.

    kopf looks for the resource once, when it starts, and would wait in silence for a
    CRD that is installed a moment later.
    """
    told = ""
    while True:
        try:
            answer = await api.request("GET", Resource.CRON_TASKS.group_path, operation="discovery")
            names = {resource.name for resource in _decode_resources(answer).resources}
            trouble = "" if PLURAL in names else "it is not among the group's resources"
        except ApiError as error:
            trouble = str(error)
        if not trouble:
            return
        if trouble != told:
            logger.warning("Waiting for the CRD of %s.%s: %s", PLURAL, GROUP, trouble)
            told = trouble
        await asyncio.sleep(SERVED_POLL_SECONDS)


def _message(answer: bytes) -> str:
    try:
        return hide_credentials(msgspec.json.decode(answer, type=_Status).message)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # A proxy's page may show the request with its token.
        return f"{len(answer)} bytes that are no answer of the Kubernetes API"


def tls_context(configuration: Configuration) -> ssl.SSLContext:
    """Return how to speak TLS with the API server that `configuration` names."""
    context = ssl.create_default_context(
        cafile=configuration.ssl_ca_cert, cadata=getattr(configuration, "ca_cert_data", None)
    )
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
