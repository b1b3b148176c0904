"""The world that the engine's stories play in."""

import pytest

from tests.unit.engine.world import World, new_world
from tests.unit.history.memory import MemoryHistory


@pytest.fixture
async def world() -> World:
    """A clock at START, an empty API server, and targets that answer 200."""
    return new_world()


@pytest.fixture
def history(world: World) -> MemoryHistory:
    """The history that the world's operators keep."""
    world.history = MemoryHistory()
    return world.history
