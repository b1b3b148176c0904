"""__main__ runs the facade until SIGTERM or Ctrl-C, for ``crontask-api``."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from functools import partial
from typing import Final, cast

import uvicorn

from crontask_api.app import create_app
from crontask_api.metrics import Metrics
from crontask_api.server.choose import open_door
from crontask_api.server.peer import Peer
from crontask_api.server.protocol import BoundedProtocol
from crontask_api.settings import PREFIX, load_settings
from crontask_logs import configure_logs, describe_settings_error

HELP: Final = f"""\
usage: crontask-api

Serves the HTTP API of CronTasks until SIGTERM or Ctrl-C. It takes no arguments: settings are
environment variables that begin with {PREFIX} (docs/install.md, the chart's values).
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until told to stop; exit with 2 if the settings are wrong."""
    if given := list(sys.argv[1:] if arguments is None else arguments):
        sys.stdout.write(HELP)
        sys.exit(0 if given in (["-h"], ["--help"]) else 2)
    metrics = Metrics()
    try:
        settings = load_settings()
        configure_logs(settings.log_format.value, settings.log_level)
        app = create_app(settings, metrics)
    except ValueError as error:
        sys.stderr.write(f"crontask-api: {describe_settings_error(error, PREFIX)}\n")
        sys.exit(2)
    # uvicorn ends in order and then raises the signal again: that is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    door = open_door(settings, metrics)
    uvicorn.run(
        Peer(app, settings.trusted_proxies),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        # uvicorn only calls it, with the arguments of a protocol's class.
        http=cast(type[asyncio.Protocol], partial(BoundedProtocol, door)),
        ws="none",
        timeout_keep_alive=settings.keep_alive_seconds,
        # `Peer` does that, and knows who they are from.
        proxy_headers=False,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )


if __name__ == "__main__":
    main()
