"""Log lines: JSON for machines or text for people, with the task in fields of its own."""

import logging
from typing import Any, Literal

import structlog

_FIELDS = ("namespace", "task", "execution_id")


def configure_logging(log_format: Literal["json", "console"], level: str) -> None:
    """Send every log line of the process, of structlog and of logging, to stderr."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=_FIELDS),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if log_format == "json":
        rendering: list[Any] = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        # The default formatter prints the variables of every frame, secrets included.
        plain = structlog.dev.plain_traceback
        rendering = [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # kopf tells every step of every event; what matters to who operates this
    # operator are its own lines and the warnings of others. The probes alone would write
    # a line every few seconds.
    for talkative in ("kopf", "aiohttp.access"):
        logging.getLogger(talkative).setLevel(max(logging.WARNING, root.level))
