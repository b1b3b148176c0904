"""configure_logs sets up the log of a whole process, for the operator and the facade."""

import asyncio
import logging
import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Literal

import structlog

from crontask_logs.processors import SafeFormatter, SafeHandler, keep_safe

logger = logging.getLogger(__name__)


def configure_logs(
    log_format: Literal["json", "console"],
    level: str,
    *,
    fields: Sequence[str] = (),
    quiet: Sequence[str] = (),
) -> None:
    """Send every line of the process, of structlog and of logging, to stderr in one form.

    Errors that nobody catches, in threads too, become log lines like all others.

    Parameters
    ----------
    fields
        Names of ``extra`` whose values are fields of a line.
    quiet
        Loggers of which only warnings and worse are told.
    """
    level = level.upper()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=fields),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendering: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = SafeHandler()
    handler.setFormatter(
        SafeFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                keep_safe,
                rendering,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for talkative in quiet:
        logging.getLogger(talkative).setLevel(max(logging.WARNING, root.level))
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | asyncio.CancelledError):
        return
    logger.critical("The process ends with an error.", exc_info=(kind, error, trace))


def _uncaught_in_thread(args: "threading.ExceptHookArgs") -> None:
    if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
        logger.error("A thread ended with an error.", exc_info=args.exc_value)


def _unraisable(args: "sys.UnraisableHookArgs") -> None:
    logger.error("An error could not be raised.", exc_info=args.exc_value)
