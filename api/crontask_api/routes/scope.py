"""From an HTTP request to an operation's input: admitted, read, and allowed."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from crontask_api.auth.authenticator import ANONYMOUS, Authenticator, Verb
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
from crontask_api.web.namespaces import HEADER, choose_namespace
from crontask_api.web.ticket import TICKET

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
MAX_KEY_LENGTH: Final = 255

VALUES_PER_ITEM: Final = 100
"""Values that a request may hold for each item of the largest batch. An item has twelve
fields, so this leaves room for those that nobody knows."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the application holds for its lifetime."""

    settings: Settings
    metrics: Metrics
    client: CronTaskClient
    authenticator: Authenticator


def services_of(request: Request) -> Services:
    """Return the services of the application that `request` came to."""
    services: Services = request.app.state.services
    return services


async def open_batch(
    request: Request, verb: Verb, options: type[OptionsT], items: type[Item]
) -> tuple[Context, Batch[OptionsT]]:
    """Return the batch that `request` holds and the context to work on it.

    Raises
    ------
    RequestError
        If the client is not admitted, if it may not do `verb`, or if the body is wrong.
    """
    services = services_of(request)
    most = services.settings.max_batch
    return await _open(
        request, verb, services, lambda body: parse_batch(body, options, items, most=most)
    )


async def open_single(
    request: Request, verb: Verb, options: type[OptionsT]
) -> tuple[Context, Batch[OptionsT]]:
    """Return the same for a request without items."""
    return await _open(
        request, verb, services_of(request), lambda body: parse_single(body, options)
    )


async def _open(
    request: Request,
    verb: Verb,
    services: Services,
    parse: Callable[[bytes], Batch[OptionsT]],
) -> tuple[Context, Batch[OptionsT]]:
    settings = services.settings
    seconds = settings.request_timeout_seconds
    # Before the body is read: who is not admitted costs nothing more.
    async with within(seconds):
        address = request.client.host if request.client else ""
        identity = await services.authenticator.authenticate(
            request.headers.get("Authorization"), address
        )
    request.scope[USER] = identity.name
    if identity is not ANONYMOUS:
        request.scope[TICKET].pass_to(identity.name)
    body = await read_body(request, limit=settings.max_body_bytes, seconds=seconds)
    check_values(body, most=VALUES_PER_ITEM * settings.max_batch)
    batch = parse(body)
    namespace = choose_namespace(
        settings, header=request.headers.get(HEADER), field=batch.options.namespace
    )
    async with within(seconds):
        await services.authenticator.check_allowed(identity, verb, namespace)
    context = Context(
        client=services.client,
        namespace=namespace,
        time_zone=settings.time_zone,
        timeout_seconds=seconds,
        hold_answer=request.scope[TICKET].hold_answer,
        may_read_secret=lambda name: services.authenticator.may_read_secret(
            identity, namespace, name
        ),
        may_read_tasks=lambda: services.authenticator.may_read_tasks(identity, namespace),
    )
    return context, batch


def idempotent_request(request: Request) -> str:
    """Return what names the request: the client's key, or else something of its own.

    Raises
    ------
    RequestError
        If the header ``Idempotency-Key`` is empty or too long.
    """
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is None:
        return secrets.token_hex(8)
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        raise RequestError(
            f"{IDEMPOTENCY_KEY}: expected 1 to {MAX_KEY_LENGTH} characters, found {len(key)}"
        )
    return hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
