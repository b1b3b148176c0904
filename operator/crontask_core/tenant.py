"""TENANT names the namespace for which the running asyncio task works, for what is shared.

A pool deep inside a call, such as that of name look-ups, has to know for whom it works to
be fair, and nothing in between needs to. Each call is an asyncio task of its own, and what
a call starts inherits its context.
"""

from contextvars import ContextVar
from typing import Final

TENANT: Final[ContextVar[str]] = ContextVar("tenant", default="")
"""A namespace; empty for work that no task asked for."""
