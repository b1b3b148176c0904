"""channel_widths says how long replies of a gRPC channel may be, for `reply_rooms`."""

import json
from typing import Final, NamedTuple

MAX_MESSAGE_BYTES: Final = 4 * 1024 * 1024
"""Largest message that is accepted, of reflection too; gRPC's own default. Unlike an HTTP
answer, a message cannot be read in part."""

REFLECTION_SERVICES: Final = (
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
)


class Widths(NamedTuple):
    """Bytes of the longest reply by a channel, narrow and not."""

    narrow: int = MAX_MESSAGE_BYTES
    wide: int = MAX_MESSAGE_BYTES

    def service_config(self, *, narrow: bool) -> str:
        """Return them as gRPC's service config. A wide channel is for reflection as well."""
        methods = [{"name": [{}], "maxResponseMessageBytes": self.narrow if narrow else self.wide}]
        if not narrow:
            names = [{"service": service} for service in REFLECTION_SERVICES]
            methods.append({"name": names, "maxResponseMessageBytes": MAX_MESSAGE_BYTES})
        return json.dumps({"methodConfig": methods})
