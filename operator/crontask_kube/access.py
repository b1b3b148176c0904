"""access holds where a server is and how to prove who asks, for the blocking session."""

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from crontask_core.errors import CronTaskError

if TYPE_CHECKING:
    import ssl

_DEFAULT_NAMESPACE: Final = "default"


class AccessError(CronTaskError):
    """The way to the API server cannot be found out; the message says what is missing."""

    code = "AccessError"


@dataclass(frozen=True, slots=True)
class Access:
    """Where a server is, and the caller's proof; nothing of it appears in its repr.

    `server` is a URL. `authorization` is the value of that header; `certificate` is a
    chain with its key, in PEM. Without `authority`, PEM as well, the system's roots count.
    """

    server: str
    namespace: str = _DEFAULT_NAMESPACE
    authorization: str | None = field(default=None, repr=False)
    certificate: bytes | None = field(default=None, repr=False)
    authority: str | None = field(default=None, repr=False)
    server_name: str | None = None
    proxy: str | None = field(default=None, repr=False)
    verify: bool = True

    def tls(self) -> "ssl.SSLContext":
        """Return how to speak TLS with the server.

        Raises
        ------
        AccessError
            If a certificate or its key cannot be used.
        """
        import ssl

        try:
            context = ssl.create_default_context(cadata=self.authority)
            if self.certificate is not None:
                _load_chain(context, self.certificate)
        except (ssl.SSLError, ValueError) as error:
            # OpenSSL's words name no secret, and often nothing at all.
            raise AccessError(
                "a certificate or its key in the kubeconfig cannot be used"
            ) from error
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _load_chain(context: "ssl.SSLContext", chain: bytes) -> None:
    """Load `chain`, which OpenSSL takes from a file alone."""
    if hasattr(os, "memfd_create"):
        # A file of memory: nothing is left of the key, however this process ends.
        descriptor = os.memfd_create("client", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, chain)
            context.load_cert_chain(f"/proc/self/fd/{descriptor}")
        finally:
            os.close(descriptor)
        return
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(chain)
        file.flush()
        context.load_cert_chain(file.name)
