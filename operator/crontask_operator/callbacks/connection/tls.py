"""TlsContexts keeps one TLS context for each policy in use, for connections to targets."""

import re
import ssl
from typing import Final, NamedTuple

from crontask_core.enums import Reason
from crontask_core.fair_cache import FairCache
from crontask_core.tenant import TENANT
from crontask_operator.callbacks.errors import CallError

CONTEXTS_BYTES: Final = 32 * 1024 * 1024
"""About the memory of all TLS contexts that are kept, of some hundred authorities."""

CONTEXT_BYTES: Final = 128 * 1024
SYSTEM_BYTES: Final = 512 * 1024
BYTES_A_CHARACTER: Final = 9
"""What a context takes without certificates, with the system's, and for each character of
the PEM of others, its own text included."""

LONGEST_PEM: Final = 256 * 1024
"""Characters of the certificates of one policy. All authorities that browsers trust fit;
to read so many takes a tenth of a second, in which nothing else happens."""

_CERTIFICATE: Final = re.compile(
    r"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]*"
    r"-----END (?:X509 |TRUSTED )?CERTIFICATE-----"
)


class TlsPolicy(NamedTuple):
    """What a target must prove.

    `ca_pem` replaces the system's roots. It is the certificates' text and no reference,
    so that a rotated Secret makes another policy, with connections of its own.
    """

    ca_pem: str | None = None
    verify: bool = True

    def __repr__(self) -> str:
        """Return what it is without the text from a Secret."""
        roots = "system's roots" if self.ca_pem is None else "own roots"
        return f"TlsPolicy({roots}, verify={self.verify})"


SYSTEM_ROOTS: Final = TlsPolicy()

TLS_EXTENSION: Final = "crontask.tls"
"""Key of the `TlsPolicy` among a request's extensions; absent means the system's roots."""


class TlsContexts:
    """Makes contexts and remembers them."""

    def __init__(self, size_bytes: int = CONTEXTS_BYTES) -> None:
        self._contexts = FairCache[TlsPolicy, ssl.SSLContext](size_bytes)

    def get(self, policy: TlsPolicy) -> ssl.SSLContext:
        """Return the context of `policy`.

        Raises
        ------
        CallError
            InvalidRequest if ``policy.ca_pem`` holds no usable certificate.
        """
        # The system's roots belong to everybody.
        tenant = TENANT.get() if policy.ca_pem is not None else ""
        context = self._contexts.get(tenant, policy)
        if context is None:
            context = _build(policy)
            self._contexts.put(tenant, policy, context, _size(policy))
        return context


def certificates(ca_pem: str) -> str:
    """Return the certificates of `ca_pem` without what stands around them.

    Bundles name each certificate in a comment, in any language.

    Raises
    ------
    CallError
        InvalidRequest if there is none, or more than `LONGEST_PEM` characters.
    """
    if len(ca_pem) > LONGEST_PEM:
        raise _unusable(f"it has {len(ca_pem)} characters, at most {LONGEST_PEM} are read")
    # An empty text would be taken for none at all, and the system's roots be trusted.
    if not ca_pem.strip():
        raise _unusable("it is empty")
    found = _CERTIFICATE.findall(ca_pem)
    if not found:
        raise _unusable("it holds no BEGIN CERTIFICATE with its END CERTIFICATE")
    return "\n".join([*found, ""])


def _build(policy: TlsPolicy) -> ssl.SSLContext:
    cadata = None if policy.ca_pem is None else certificates(policy.ca_pem)
    try:
        context = ssl.create_default_context(cadata=cadata)
    except (ssl.SSLError, TypeError, ValueError) as error:
        # TypeError means a character in a certificate that is not ASCII.
        raise _unusable(getattr(error, "reason", None) or str(error)) from error
    context.set_alpn_protocols(["http/1.1"])
    if not policy.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _size(policy: TlsPolicy) -> int:
    if policy.ca_pem is None:
        return SYSTEM_BYTES
    return CONTEXT_BYTES + BYTES_A_CHARACTER * len(policy.ca_pem)


def _unusable(why: str) -> CallError:
    return CallError(
        Reason.INVALID_REQUEST, f"tls.caSecretRef: expected certificates in PEM form: {why}"
    )
