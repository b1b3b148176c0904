"""describe_settings_error says which settings are wrong, without what they were set to.

A password that was put into the wrong variable would else be in the log for good.
"""

from pydantic import ValidationError

from crontask_logs.credentials import hide_credentials


def describe_settings_error(error: ValueError, prefix: str) -> str:
    """Return the variables, with `prefix`, that `error` complains of, and why."""
    if not isinstance(error, ValidationError):
        return hide_credentials(str(error))
    complaints: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        place = "".join(f"{prefix}{part}".upper() for part in problem["loc"][:1])
        message = problem["msg"].removeprefix("Value error, ")
        complaints.setdefault(place, hide_credentials(message))
    return "; ".join(f"{place}: {why}" if place else why for place, why in complaints.items())
