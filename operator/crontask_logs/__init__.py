"""crontask_logs writes log lines without credentials, for the operator and the facade."""

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
