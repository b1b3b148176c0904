"""host_names brings names of hosts into one form, for the settings and for ``Host``."""

import re
from ipaddress import ip_address
from typing import Final

from crontask_api.shown import shown

ANY: Final = "*"
"""Stands for every name."""

_LABEL: Final = r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?"
_NAME: Final = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})*")


def parse_host_name(text: str) -> str:
    """Return the name of a host that a setting gives, in the form of `canonical`.

    Raises
    ------
    ValueError
        If no ``Host`` could ever match it: with a scheme, a port, a path or brackets.
    """
    name = canonical(text)
    if name == ANY or _NAME.fullmatch(name) or (":" in name and _is_address(name)):
        return name
    raise ValueError(
        "expected host names without scheme, port and brackets, such as cron.example, "
        f"*.example or 2001:db8::1, or {ANY} for all, found {shown(text)}"
    )


def canonical(name: str) -> str:
    """Return `name` in lower case, without a final dot, and an address in its short form."""
    name = name.lower().removesuffix(".")
    return str(ip_address(name)) if ":" in name and _is_address(name) else name


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
