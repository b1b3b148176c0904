"""The callbacks, put together as the settings say."""

import logging
from contextlib import AsyncExitStack
from importlib.metadata import version
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from crontask_operator.callbacks.base import Callback
from crontask_operator.callbacks.dispatch import CallbackRouter
from crontask_operator.callbacks.grpc import GrpcCallbackClient
from crontask_operator.callbacks.http import HttpCallbackClient
from crontask_operator.callbacks.netguard import AddressGuard
from crontask_operator.callbacks.networks import Network
from crontask_operator.callbacks.resolve import Resolver, SystemLookup
from crontask_operator.clock import Clock
from crontask_operator.objects import Objects
from crontask_operator.secrets import CachedSecretReader
from crontask_operator.settings import Settings

logger = logging.getLogger(__name__)


def build_callback(
    settings: Settings, clock: Clock, objects: Objects, *, api_server: str, stack: AsyncExitStack
) -> Callback:
    """Return the callback for both protocols; `stack` closes it and what it uses.

    `api_server` is the URL which the operator itself talks to.
    """
    lookup = SystemLookup()
    stack.callback(lookup.close)
    guard = AddressGuard(denied_networks(settings, api_server), Resolver(lookup))
    secrets = CachedSecretReader(objects.secret)
    stack.push_async_callback(secrets.close)
    user_agent = f"crontask-operator/{version('crontask-operator')}"
    proxy = settings.proxy or None
    http = HttpCallbackClient(
        guard,
        secrets,
        response_cap_bytes=settings.response_cap_bytes,
        user_agent=user_agent,
        proxy=proxy,
        now=clock.now,
    )
    grpc = GrpcCallbackClient(
        guard,
        secrets,
        objects.config_map,
        response_cap_bytes=settings.response_cap_bytes,
        user_agent=user_agent,
        proxy=proxy,
    )
    router = CallbackRouter(http, grpc)
    stack.push_async_callback(router.close)
    return router


def denied_networks(settings: Settings, api_server: str) -> list[Network]:
    """Return the networks that no callback may reach."""
    denied = list(settings.deny_networks)
    if not settings.deny_api_server:
        return denied
    host = urlsplit(api_server).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        logger.warning("The API server is known as %s; its addresses are not denied.", host)
        return denied
    # On a developer's machine it is on loopback, together with every target there.
    # Whether loopback may be called is another setting's matter.
    return denied if address.is_loopback else [*denied, ip_network(address)]
