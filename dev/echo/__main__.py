"""``python -m dev.echo --port 8099``: the target as a program."""

import argparse
import asyncio
import signal
import socket

import uvloop

from dev.echo.behaviour import Behaviour
from dev.echo.server import listen, serve


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m dev.echo")
    parser.add_argument("--port", type=int, default=8099)
    with listen(parser.parse_args().port) as listening:
        uvloop.run(_until_told(listening))


async def _until_told(listening: socket.socket) -> None:
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, done.set)
    await serve(listening, Behaviour(), done)


if __name__ == "__main__":
    main()
