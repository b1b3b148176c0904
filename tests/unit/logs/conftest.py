"""Logging as the process has it, put back after each test."""

import logging
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
import structlog

from crontask_logs import configure_logs
from crontask_logs.line_writer import LINES

Logged = Callable[[], str]


@pytest.fixture(autouse=True)
def _unchanged() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    config = structlog.get_config()
    yield
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    root.handlers[:], root.level = handlers, level
    structlog.configure(**config)


@pytest.fixture(params=["json", "console"])
def logged(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Logged:
    """What was logged since the last call; the fixture has set the log up in one format."""
    configure_logs(request.param, "debug", fields=("task",))

    def read() -> str:
        LINES.flush()
        return "".join(capsys.readouterr())

    return read
