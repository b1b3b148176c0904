"""header_names lists headers that hold no secret, for all who send them elsewhere."""

from typing import Final

HARMLESS: Final = frozenset(
    {
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "content-encoding",
        "content-language",
        "content-type",
        "idempotency-key",
        "pragma",
        "user-agent",
    }
)
"""Names in lower case. Any other header may hold a credential, whatever its name."""
