"""Making single calls with a client that has no operator around it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TypedDict, Unpack

from crontask_core.constants import RECORD_BODY_BYTES
from crontask_core.enums import RunType
from crontask_core.networks import Network
from crontask_core.spec import Callback, CronTaskSpec, Expect, GrpcCallback, HttpCallback
from crontask_operator.callbacks.addresses.address_guard import AddressGuard
from crontask_operator.callbacks.addresses.api_server import ApiServer
from crontask_operator.callbacks.addresses.resolver import Address, Resolver
from crontask_operator.callbacks.base import Attempt, CallResult
from crontask_operator.callbacks.grpc.client import GrpcCallbackClient
from crontask_operator.callbacks.http.client import HttpCallbackClient
from crontask_operator.callbacks.router import CallbackRouter
from crontask_operator.callbacks.secrets.secret_reader import CachedSecretReader
from crontask_operator.process.settings import Settings

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SCHEDULED = datetime(2026, 3, 1, 11, 59, 59, tzinfo=UTC)
SHIPPED: tuple[Network, ...] = Settings.model_fields["deny_networks"].default
"""What is denied to callbacks unless somebody changes the settings."""

EXECUTION_ID = "0123456789abcdef0123456789abcdef"


class Options(TypedDict, total=False):
    """What an attempt may have that is not the usual."""

    name: str
    task_name: str
    timeout_seconds: int
    expect: Expect
    number: int
    run_type: RunType
    redrive_of: str


def attempt_of(callback: HttpCallback | GrpcCallback, **options: Unpack[Options]) -> Attempt:
    """Return an attempt of a task in the namespace ``shop``."""
    http = callback if isinstance(callback, HttpCallback) else None
    grpc = callback if isinstance(callback, GrpcCallback) else None
    name = options.get("name", "nightly")
    return Attempt(
        namespace="shop",
        name=name,
        uid=f"uid-of-{name}",
        spec=CronTaskSpec(
            callback=Callback(http=http, grpc=grpc),
            task_name=options.get("task_name", ""),
            timeout_seconds=options.get("timeout_seconds", 30),
            expect=options.get("expect", Expect()),
        ),
        execution_id=EXECUTION_ID,
        run_type=options.get("run_type", RunType.SCHEDULED),
        attempt=options.get("number", 1),
        scheduled_time=SCHEDULED,
        redrive_of=options.get("redrive_of", ""),
    )


class Names:
    """A name server whose answers a test changes: the last of a list repeats."""

    def __init__(self, answers: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._answers = {name: list(given) for name, given in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, name: str) -> tuple[Address, ...]:
        """Return the next answer for `name`."""
        self.asked.append(name)
        answers = self._answers.get(name)
        if answers is None:
            raise OSError(-2, "Name or service not known")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return tuple(ip_address(text) for text in answer)


class Clock:
    """Monotonic seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


@dataclass
class Caller:
    """A client, and the Secrets and ConfigMaps it can read, by namespace/name."""

    client: CallbackRouter
    secrets: dict[str, dict[str, bytes]]
    config_maps: dict[str, dict[str, bytes]]

    async def __call__(
        self, callback: HttpCallback | GrpcCallback, **options: Unpack[Options]
    ) -> CallResult:
        """Make one attempt."""
        return await self.client.call(attempt_of(callback, **options))


@asynccontextmanager
async def calling(
    *,
    denied: Sequence[Network] = (),
    names: Mapping[str, Sequence[Sequence[str]]] | None = None,
    cap: int = 1024,
    record_bytes: int = RECORD_BODY_BYTES,
    proxy: str | None = None,
    api_server: ApiServer | None = None,
) -> AsyncIterator[Caller]:
    """Give a client for both protocols.

    `names` is what the name server answers, one list a look-up.
    """
    secrets: dict[str, dict[str, bytes]] = {}
    config_maps: dict[str, dict[str, bytes]] = {}

    async def get_secret(namespace: str, name: str) -> Mapping[str, bytes] | None:
        return secrets.get(f"{namespace}/{name}")

    async def get_config_map(namespace: str, name: str) -> Mapping[str, bytes] | None:
        return config_maps.get(f"{namespace}/{name}")

    resolver = Resolver(Names({"localhost": [["127.0.0.1"]], **(names or {})}))
    guard = AddressGuard(denied, resolver)
    if api_server is not None:
        guard.deny_api_server(api_server)
    reader = CachedSecretReader(get_secret)
    agent = "crontask-operator/1.2.3"
    router = CallbackRouter(
        HttpCallbackClient(
            guard,
            reader,
            response_cap_bytes=cap,
            record_bytes=record_bytes,
            user_agent=agent,
            proxy=proxy,
            now=lambda: NOW,
        ),
        GrpcCallbackClient(
            guard, reader, get_config_map, response_cap_bytes=cap, user_agent=agent, proxy=proxy
        ),
    )
    yield Caller(router, secrets, config_maps)
    await router.close()
    await reader.close()
    await resolver.close()
