"""open_door goes from the settings to the bounds on clients' connections."""

from typing import Final

from crontask_api.metrics import Metrics
from crontask_api.server.door import ConnectionBounds, Door
from crontask_api.settings import Settings

LINGER_BODIES: Final = 4
"""Of the largest body, how many times as much is dropped before a connection is closed."""
LINGER_SECONDS: Final = 30.0
"""As nginx's ``lingering_time``."""


def open_door(settings: Settings, metrics: Metrics) -> Door:
    """Return the door of a server, with room for the connections to the API server."""
    bounds = ConnectionBounds(
        connections=settings.max_connections,
        connections_per_address=settings.max_connections_per_address,
        head_bytes=settings.max_head_bytes,
        head_seconds=settings.head_timeout_seconds,
        linger_bytes=LINGER_BODIES * settings.max_body_bytes,
        linger_seconds=LINGER_SECONDS,
        trusted_proxies=settings.trusted_proxies,
    )
    door = Door(bounds, metrics.refused)
    door.keep_files_free(settings.kubernetes_connections)
    return door
