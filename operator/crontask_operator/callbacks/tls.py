"""How targets are verified: one TLS context per policy, kept while it is in use."""

import ssl
from collections import OrderedDict
from typing import Final, NamedTuple

from crontask_core.enums import Reason
from crontask_operator.callbacks.errors import CallError

CONTEXTS_KEPT: Final = 64
"""TLS contexts in memory. One with the system's roots takes about half a megabyte."""


class TlsPolicy(NamedTuple):
    """What a target must prove.

    `ca_pem` replaces the system's roots. It is the certificates' text and no reference,
    so that a rotated Secret makes another policy, with connections of its own.
    """

    ca_pem: str | None = None
    verify: bool = True


SYSTEM_ROOTS: Final = TlsPolicy()

TLS_EXTENSION: Final = "crontask.tls"
"""Key of the `TlsPolicy` among a request's extensions; absent means the system's roots."""


class TlsContexts:
    """Makes contexts and remembers them."""

    def __init__(self) -> None:
        self._contexts: OrderedDict[TlsPolicy, ssl.SSLContext] = OrderedDict()

    def get(self, policy: TlsPolicy) -> ssl.SSLContext:
        """Return the context of `policy`.

        Raises
        ------
        CallError
            InvalidRequest if ``policy.ca_pem`` holds no usable certificate.
        """
        context = self._contexts.get(policy)
        if context is None:
            context = self._contexts[policy] = _build(policy)
            if len(self._contexts) > CONTEXTS_KEPT:
                self._contexts.popitem(last=False)
        self._contexts.move_to_end(policy)
        return context


def _build(policy: TlsPolicy) -> ssl.SSLContext:
    # An empty text would be taken for none at all, and the system's roots be trusted.
    if policy.ca_pem is not None and not policy.ca_pem.strip():
        raise _unusable("it is empty")
    try:
        context = ssl.create_default_context(cadata=policy.ca_pem)
    except (ssl.SSLError, ValueError) as error:
        raise _unusable(getattr(error, "reason", None) or str(error)) from error
    context.set_alpn_protocols(["http/1.1"])
    if not policy.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _unusable(why: str) -> CallError:
    return CallError(
        Reason.INVALID_REQUEST, f"tls.caSecretRef: expected certificates in PEM form: {why}"
    )
