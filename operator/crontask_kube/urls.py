"""urls makes the URL of a request to the API server, for the sessions that use aiohttp."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from yarl import URL


def request_url(base: str, path: str, query: Mapping[str, str] | None = None) -> URL:
    """Return the URL to ask for, which goes out as it stands.

    `base` is where the API server is. The client would else decode what was quoted, and
    resolve what then looks like a step upwards.
    """
    tail = f"?{urlencode(query, quote_via=quote)}" if query else ""
    return URL(f"{base}{path}{tail}", encoded=True)
