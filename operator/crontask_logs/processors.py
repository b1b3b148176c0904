"""SafeFormatter renders log records of structlog and of logging, for `configure_logs`.

Everything that goes into a line passes here, whoever logs it: this program, kopf,
uvicorn, aiohttp, asyncio or the interpreter.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from crontask_logs.credentials import hide_credentials
from crontask_logs.exceptions import WITHHELD, describe, format_traceback, withheld_texts
from crontask_logs.line_writer import LINES

_DEPTH: Final = 4
"""Levels of nested values that a line shows."""

_OWN: Final = frozenset({"timestamp", "level", "logger"})
"""Fields that structlog's processors set, over whatever a record has of that name. None
repeats an error."""

_TRACEBACK: Final = "Traceback (most recent call last):"
_FRAME: Final = re.compile(r"\s*(?:\| )*File \"")
_CALLBACK: Final = re.compile(
    r"((?:Exception in callback|Executing) (?:<\w+ )?[\w.<>]{0,200}).*", re.S
)


class SafeFormatter(structlog.stdlib.ProcessorFormatter):
    """Formats one record; exceptions among its arguments show as `describe` has them."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line."""
        safe = logging.makeLogRecord(record.__dict__)
        if isinstance(safe.args, tuple):
            safe.args = tuple(map(_argument, safe.args))
        elif isinstance(safe.args, dict):
            safe.args = {name: _argument(value) for name, value in safe.args.items()}
        safe.exc_text = safe.stack_info = None
        return super().format(safe)


class SafeHandler(logging.Handler):
    """Writes lines to stderr; a record that cannot be formatted is named and not repeated."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record."""
        try:
            LINES.write(f"{self.format(record)}\n")
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say where the record came from."""
        error = sys.exception()
        why = "" if error is None else f": {describe(error)}"
        place = f"{record.name} ({record.pathname}:{record.lineno})"
        LINES.write(f"a log line of {place} could not be written{why}\n")

    def flush(self) -> None:
        """Wait a moment until all lines are written, as at the end of the process."""
        LINES.flush()


def keep_safe(
    logger: object, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace exceptions by tracebacks without variables, and hide credentials (structlog)."""
    error = _exception_of(event.pop("exc_info", None))
    withheld = [] if error is None else withheld_texts(error)
    for name, value in event.items():
        event[name] = _safe(value, [] if name in _OWN else withheld, _DEPTH)
    message = event.get("event")
    if isinstance(message, str):
        event["event"] = _message(message, error, event.get("logger"))
    if error is not None:
        event["exception"] = format_traceback(error)
    return event


def _exception_of(info: Any) -> BaseException | None:
    if info is True:
        info = sys.exc_info()
    if isinstance(info, tuple):
        info = info[1]
    return info if isinstance(info, BaseException) else None


def _argument(value: object) -> object:
    return describe(value) if isinstance(value, BaseException) else value


def _safe(value: Any, withheld: list[str], depth: int) -> Any:
    if isinstance(value, str):
        for text in withheld:
            value = value.replace(text, WITHHELD)
        return hide_credentials(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, BaseException):
        return describe(value)
    if depth == 0:
        return "..."
    if isinstance(value, dict):
        return {
            name if isinstance(name, int) else _safe(str(name), withheld, depth): _safe(
                each, withheld, depth - 1
            )
            for name, each in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_safe(each, withheld, depth - 1) for each in value]
    return _safe(str(value), withheld, depth)


def _message(text: str, error: BaseException | None, logger: object) -> str:
    if logger == "asyncio" and error is not None:
        # What follows describes futures and callbacks with their results and arguments.
        text = _CALLBACK.sub(r"\1", text.partition("\n")[0])
    if _TRACEBACK in text:
        text = _without_messages(text)
    # One record is one line, whatever was in it.
    return text.strip().replace("\r", "\\r").replace("\n", "\\n")


def _without_messages(text: str) -> str:
    """Return a traceback that somebody formatted already, as the frames alone."""
    before, _, after = text.partition(_TRACEBACK)
    frames = [line.strip() for line in after.splitlines() if _FRAME.match(line)]
    last = after.rstrip().rpartition("\n")[2]
    kind = last.partition(":")[0] if not last.startswith(" ") else ""
    end = kind if re.fullmatch(r"[\w.]{1,200}", kind) else ""
    return "\n".join([before.strip(), _TRACEBACK, *frames, f"{end} {WITHHELD}"]).strip()
