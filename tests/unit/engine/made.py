"""What was made and counted in a world, for stories of successors that read the history."""

from collections import Counter

from tests.unit.engine.world import World


def repeated(world: World) -> int:
    """Return how many attempts were made more than once."""
    made = Counter((call.execution_id, call.attempt) for _, call in world.targets.calls)
    return sum(number > 1 for number in made.values())


def succeeded(world: World) -> int:
    """Return what the status has counted."""
    found: int = world.api.status()["counters"]["succeeded"]
    return found
