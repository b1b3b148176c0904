"""configure_logging chooses what the operator's log shows, with the task in fields of its own."""

import logging
from typing import Final, Literal

from crontask_logs import configure_logs

_FIELDS: Final = ("namespace", "task", "execution_id")

_TALKATIVE: Final = ("kopf", "aiohttp.access")
"""kopf tells every step of every event; what matters to who operates this operator are
its own lines and the warnings of others. The probes alone would write a line every few
seconds."""

_FOREIGN: Final = "grpc._cython.cygrpc"
"""Where grpcio writes an error with its traceback when a server's text is no UTF-8. The call
fails nevertheless, and its record tells why; what is told here is the server's to choose."""


def configure_logging(log_format: Literal["json", "console"], level: str) -> None:
    """Send every log line of the process, of structlog and of logging, to stderr."""
    configure_logs(log_format, level, fields=_FIELDS, quiet=_TALKATIVE)
    logging.getLogger(_FOREIGN).setLevel(logging.CRITICAL)
