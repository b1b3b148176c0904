"""crontask_logs writes log lines without credentials, for the operator and the facade.

Each name is imported when it is first asked for. The command line and what it shares with
the others need `hide_credentials` alone, and the rest brings pydantic and structlog along,
which take longer to import than a command takes to run.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from crontask_logs.configure import configure_logs
    from crontask_logs.credentials import hide_credentials
    from crontask_logs.exceptions import describe
    from crontask_logs.line_writer import lines_dropped
    from crontask_logs.settings_errors import describe_settings_error

__all__ = [
    "configure_logs",
    "describe",
    "describe_settings_error",
    "hide_credentials",
    "lines_dropped",
]

_MODULE_OF: Final = {
    "configure_logs": "configure",
    "describe": "exceptions",
    "describe_settings_error": "settings_errors",
    "hide_credentials": "credentials",
    "lines_dropped": "line_writer",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value
