"""callbacks_factory puts the callbacks together as the settings say, for `Application`."""

from contextlib import AsyncExitStack
from importlib.metadata import version

from crontask_operator.callbacks.addresses.address_guard import AddressGuard
from crontask_operator.callbacks.addresses.resolver import Resolver, SystemLookup
from crontask_operator.callbacks.base import Callback
from crontask_operator.callbacks.grpc.client import GrpcCallbackClient
from crontask_operator.callbacks.http.client import HttpCallbackClient
from crontask_operator.callbacks.router import CallbackRouter
from crontask_operator.callbacks.secrets.secret_reader import CachedSecretReader
from crontask_operator.kube.objects import Objects
from crontask_operator.process.clock import Clock
from crontask_operator.process.settings import Settings


def build_guard(settings: Settings, stack: AsyncExitStack) -> AddressGuard:
    """Return what decides where calls may go; `stack` closes what it uses."""
    lookup = SystemLookup(share=settings.namespace_share)
    stack.callback(lookup.close)
    guard = AddressGuard(settings.deny_networks, Resolver(lookup))
    stack.push_async_callback(guard.close)
    return guard


def build_callback(
    settings: Settings, clock: Clock, objects: Objects, guard: AddressGuard, stack: AsyncExitStack
) -> Callback:
    """Return the callback for both protocols; `stack` closes it and what it uses."""
    secrets = CachedSecretReader(objects.secret)
    stack.push_async_callback(secrets.close)
    # Whoever keeps more of an answer gets it from the same reading, with the same values out.
    kept = settings.history_body_bytes if settings.history_url is not None else 0
    record_bytes = max(settings.record_body_bytes, kept)
    user_agent = f"crontask-operator/{version('crontask-operator')}"
    proxy = settings.proxy or None
    http = HttpCallbackClient(
        guard,
        secrets,
        response_cap_bytes=settings.response_cap_bytes,
        record_bytes=record_bytes,
        user_agent=user_agent,
        proxy=proxy,
        now=clock.now,
    )
    grpc = GrpcCallbackClient(
        guard,
        secrets,
        objects.config_map,
        response_cap_bytes=settings.response_cap_bytes,
        record_bytes=record_bytes,
        user_agent=user_agent,
        proxy=proxy,
    )
    router = CallbackRouter(http, grpc)
    stack.push_async_callback(router.close)
    return router
