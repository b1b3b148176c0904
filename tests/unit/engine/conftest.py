"""The world that the engine's stories play in."""

import pytest

from tests.unit.engine.world import World, new_world


@pytest.fixture
async def world() -> World:
    """A clock at START, an empty API server, and targets that answer 200."""
    return new_world()
