"""within bounds the time that an operation waits for the API server, for the services."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crontask_kube.errors import UnavailableError


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Run the block for at most `seconds`.

    Raises
    ------
    UnavailableError
        If it is not done by then.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise UnavailableError(
            f"the API server did not answer within the request's {seconds:g} s", sent=True
        ) from error
