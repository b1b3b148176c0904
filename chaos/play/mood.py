"""mood says how a wire treats what it carries, for the nemesis that sets it."""

import asyncio
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Mood:
    """How a wire treats what it carries."""

    silent: bool = False
    """Nothing gets through until the mood changes; then it arrives late."""
    reset: bool = False
    """Connections are reset when they are opened."""
    lose_answers: bool = False
    """Writes are passed on, and the connection is reset in place of their answer."""
    delay: float = 0.0
    """Seconds that answers and events take longer."""
    status: int = 0
    """Answered in place of the API server."""


CALM: Final = Mood()


class Conduct:
    """The mood of one wire, and how its connections learn of another."""

    def __init__(self) -> None:
        self.mood = CALM
        self._changed = asyncio.Event()

    def change(self, mood: Mood) -> None:
        """Change the mood; in the event loop of those who wait for that."""
        self.mood = mood
        self._changed.set()
        self._changed = asyncio.Event()

    async def silence(self) -> None:
        """Return when something may get through."""
        while self.mood.silent:
            await self._changed.wait()
