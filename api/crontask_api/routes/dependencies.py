"""What routes depend on: who asks, for which namespace, within what time, and with what."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Annotated, Final, Generic

from fastapi import Depends, Header, Request
from pydantic.json_schema import SkipJsonSchema

from crontask_api.auth.authenticator import ANONYMOUS, Authenticator, Identity, Verb
from crontask_api.deadline import within
from crontask_api.errors import RequestError
from crontask_api.kube.client import CronTaskClient
from crontask_api.metrics import Metrics
from crontask_api.schemas.items import Item
from crontask_api.schemas.parsing import OptionsT
from crontask_api.service.context import Context
from crontask_api.settings import Settings
from crontask_api.web.access import USER
from crontask_api.web.body import Batch, check_values, parse_batch, parse_single, read_body
from crontask_api.web.evidence import AUTHORIZATION, evidence_of
from crontask_api.web.headers import refuse_repeated
from crontask_api.web.namespaces import HEADER, choose_namespace
from crontask_api.web.ticket import TICKET
from crontask_history.store import HistoryStore
from crontask_kube.names import NAMESPACE_PATTERN

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
DECIDING: Final = (AUTHORIZATION, HEADER, IDEMPOTENCY_KEY)
MAX_KEY_LENGTH: Final = 255

VALUES_PER_ITEM: Final = 100
"""Values that a request may hold for each item of the largest batch. An item has twelve
fields, so this leaves room for those that nobody knows."""

# What of a header cannot be used is told in the envelope, so FastAPI checks nothing of it.
_NamespaceHeader = Annotated[
    str | SkipJsonSchema[None],
    Header(
        alias=HEADER,
        description="Namespace of the tasks, where the settings allow another than the default.",
        json_schema_extra={"pattern": NAMESPACE_PATTERN},
    ),
]
_KeyHeader = Annotated[
    str | SkipJsonSchema[None],
    Header(
        alias=IDEMPOTENCY_KEY,
        description="A request that is sent again with the same key and items answers as it did.",
        json_schema_extra={"minLength": 1, "maxLength": MAX_KEY_LENGTH},
    ),
]


@dataclass(frozen=True, slots=True)
class Services:
    """What the application holds for its lifetime."""

    settings: Settings
    metrics: Metrics
    client: CronTaskClient
    authenticator: Authenticator
    history: HistoryStore | None = None
    """Where runs are kept beyond the statuses; None if they are not."""


def services_of(request: Request) -> Services:
    """Return the services of the application that `request` came to."""
    services: Services = request.app.state.services
    return services


async def client_of(request: Request) -> Identity:
    """Return who sent `request`. Its body is read only after that.

    Raises
    ------
    RequestError
        If the client is not admitted, or has its share of requests in progress; or if a
        header came twice that says who asks or for what.
    """
    services = services_of(request)
    refuse_repeated(request.headers, DECIDING)
    async with within(services.settings.request_timeout_seconds):
        identity = await services.authenticator.authenticate(evidence_of(request))
    request.scope[USER] = identity.name
    if identity is not ANONYMOUS:
        request.scope[TICKET].pass_to(identity.name)
    return identity


Client = Annotated[Identity, Depends(client_of)]


@dataclass(frozen=True, slots=True)
class Call(Generic[OptionsT]):
    """A request that may be carried out: what it asks for, and its surroundings."""

    context: Context
    batch: Batch[OptionsT]


class Reads(Generic[OptionsT]):
    """Reads the body and chooses the namespace, for a route that does `verb` in it, and `further`.

    Parameters
    ----------
    items
        What ``task_list`` holds; None for a request without one.

    Raises
    ------
    RequestError
        If the body is wrong, or if the client may not do that.
    """

    def __init__(
        self, verb: Verb, options: type[OptionsT], items: type[Item] | None, *further: Verb
    ) -> None:
        self._verbs = (verb, *further)
        self._options = options
        self._items = items

    async def __call__(
        self, request: Request, client: Client, header: _NamespaceHeader = None
    ) -> Call[OptionsT]:
        """Return the call."""
        services = services_of(request)
        settings, rights = services.settings, services.authenticator
        seconds = settings.request_timeout_seconds
        batch = await self._read(request, settings)
        request.scope[TICKET].hold_decoded(batch.size)
        namespace = choose_namespace(settings, header=header, field=batch.options.namespace)
        async with within(seconds):
            for verb in self._verbs:
                await rights.check_allowed(client, verb, namespace)
        context = Context(
            client=services.client,
            namespace=namespace,
            time_zone=settings.time_zone,
            timeout_seconds=seconds,
            hold_answer=request.scope[TICKET].hold_answer,
            may_read_secret=lambda name: rights.may_read_secret(client, namespace, name),
            may_read_tasks=lambda: rights.may_read_tasks(client, namespace),
            history=services.history,
        )
        return Call(context, batch)

    async def _read(self, request: Request, settings: Settings) -> Batch[OptionsT]:
        seconds = settings.request_timeout_seconds
        body = await read_body(request, limit=settings.max_body_bytes, seconds=seconds)
        check_values(body, most=VALUES_PER_ITEM * settings.max_batch)
        if self._items is None:
            return parse_single(body, self._options)
        return parse_batch(body, self._options, self._items, most=settings.max_batch)


async def request_id(key: _KeyHeader = None) -> str:
    """Return what names a request: the client's key, or else something of its own.

    Raises
    ------
    RequestError
        If the header ``Idempotency-Key`` is empty or too long.
    """
    if key is None:
        return secrets.token_hex(8)
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        raise RequestError(
            f"{IDEMPOTENCY_KEY}: expected 1 to {MAX_KEY_LENGTH} characters, found {len(key)}"
        )
    return hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


RequestId = Annotated[str, Depends(request_id)]
