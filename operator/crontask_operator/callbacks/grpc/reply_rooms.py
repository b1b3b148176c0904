"""ReplyRooms bounds the bytes of gRPC replies in flight, for all calls together.

grpcio hands over whole messages, and holds what came of one until the rest is there. How
much that may be is a setting of a channel, so there are channels of two widths: a narrow
one for any call at any time, and a wide one for calls that have taken room for it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from crontask_core.fair_cache import FairCache
from crontask_operator.callbacks.answer_memory import AnswerMemory
from crontask_operator.callbacks.grpc.channel_widths import MAX_MESSAGE_BYTES, REFLECTION_SERVICES
from crontask_operator.callbacks.grpc.channels import Target

NARROW_BYTES: Final = 16 * 1024
"""Longest reply of a call that has no room."""

NO_ROOM: Final = (
    f"it has more than {NARROW_BYTES // 1024} KiB, and the room for longer ones is used up by "
    "other calls in flight; the next call waits for room"
)

LEAST_WIDE_BYTES: Final = 64 * 1024
"""Longest reply that is accepted if less of it than this is judged."""

TOTAL_BYTES: Final = 32 * 1024 * 1024
"""Room for all wide calls. A namespace has an eighth, or one call."""

LARGE_BYTES: Final = 1024 * 1024
ENTRY_BYTES: Final = 1024
"""Room for what is known of methods that reply at length, and what one of them takes."""

_REFLECTION: Final = tuple(f"/{service}/" for service in REFLECTION_SERVICES)


class ReplyRooms:
    """Room for long replies, shared by namespaces.

    Parameters
    ----------
    wide
        Bytes of the longest reply that is accepted.
    """

    def __init__(self, wide: int) -> None:
        self._wide = wide
        self._memory = AnswerMemory(wide, TOTAL_BYTES)
        self._large = FairCache[tuple[Target, str], bool](LARGE_BYTES)

    @asynccontextmanager
    async def room(self, namespace: str, target: Target, path: str) -> AsyncIterator[Target]:
        """Give `target` with the width that a call of the method `path` may use.

        Where replies are known to be long, it waits for the room. Elsewhere it waits for
        nothing, so that targets which hang keep no short reply back.
        """
        if path.startswith(_REFLECTION):
            # A wide channel takes more of them, and they are no unary methods.
            yield target.narrowed()
            return
        if self._large.get(namespace, (target, path)):
            await self._memory.take(namespace, self._wide)
        elif not self._memory.take_now(namespace, self._wide):
            yield target.narrowed()
            return
        try:
            yield target
        finally:
            self._memory.give_back(namespace, self._wide)

    def note_long(self, namespace: str, target: Target, path: str) -> None:
        """Remember that the method may reply with more than `NARROW_BYTES`."""
        pem = target.tls.ca_pem if target.tls is not None else None
        size = ENTRY_BYTES + len(path) + len(pem or "")
        self._large.put(namespace, (target, path), True, size)


def wide_bytes(response_cap_bytes: int) -> int:
    """Return the longest reply that is accepted, in bytes, if so much JSON of it is judged."""
    return min(max(response_cap_bytes, LEAST_WIDE_BYTES), MAX_MESSAGE_BYTES)
