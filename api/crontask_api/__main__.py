"""``crontask-api``: run the facade until SIGTERM or Ctrl-C."""

import sys

import uvicorn

from crontask_api.app import create_app
from crontask_api.settings import load_settings


def main() -> None:
    """Serve until told to stop; exit with 2 if the settings are wrong."""
    try:
        settings = load_settings()
    except ValueError as error:
        sys.exit(f"crontask-api: {error}")
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )


if __name__ == "__main__":
    main()
