"""hosts reads the host of a URL, an address or a name in one form, for all checks of it.

A name may be international. DNS, TLS and the Host header know it by its A-labels
(``xn--...``, RFC 5890), so it is brought into that form first, and everything that is
checked, called and sent is that form.

::

    "MÜNCHEN.de" ──> UTS 46 mapping ──> "münchen.de" ──> IDNA 2008 ──> "xn--mnchen-3ya.de"
"""

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

import idna

from crontask_core.enums import Reason
from crontask_core.truncate import truncate
from crontask_operator.callbacks.addresses.resolver import LONGEST_NAME, Address
from crontask_operator.callbacks.errors import CallError

HOSTS_PARSED: Final = 8192
"""Hosts that are remembered, at less than 1 KB each."""

SHOWN_BYTES: Final = 120
"""Bytes of a host that a message tells."""

_NAME: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?")
_NUMBER: Final = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_A_LABEL: Final = re.compile(r"(^|\.)xn--", re.IGNORECASE)


@lru_cache(HOSTS_PARSED)
def parse_host(host: str) -> Address | str:
    """Return `host` as an address, or as a name in lower case that is safe to resolve.

    Systems disagree on what ``0x7f.1``, ``2130706433`` or ``127.0.0.1.`` is: some see a
    name, some an address. What they disagree on is refused.

    Raises
    ------
    CallError
        InvalidRequest, with what is wrong.
    """
    try:
        address = ip_address(host)
    except ValueError:
        pass
    else:
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            raise _invalid(host, "an address with a zone is only known to one host's links")
        return address
    try:
        return to_ascii(host)
    except ValueError as error:
        raise _invalid(host, str(error)) from error


def to_ascii(host: str) -> str:
    """Return the name `host` in lower case and with A-labels (UTS 46, not transitional).

    Raises
    ------
    ValueError
        If it is no name, or an address in a form that is not everybody's; the message is
        a clause without the host.
    """
    # Before anything else, so that a long name costs neither work nor cache.
    if len(host) > LONGEST_NAME + host.endswith("."):
        raise ValueError(f"expected at most {LONGEST_NAME} characters, got {len(host)} characters")
    name = host
    if not host.isascii() or _A_LABEL.search(host):
        try:
            mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
            name = ".".join(map(_a_label, mapped.split(".")))
        except idna.IDNAError as error:
            raise ValueError(f"expected an international name by IDNA 2008: {error}") from error
        if len(name) > LONGEST_NAME + name.endswith("."):
            raise ValueError(f"expected at most {LONGEST_NAME} characters in ASCII form")
    if not _NAME.fullmatch(name):
        raise ValueError("expected a DNS name or an IP address")
    if _NUMBER.fullmatch(name.rstrip(".").rpartition(".")[2]):
        raise ValueError("an IPv4 address is written as four decimal numbers")
    return name.lower()


def shown(text: str) -> str:
    """Return `text` in quotes for a message, cut if it is long."""
    return repr(truncate(text, SHOWN_BYTES))


def _a_label(label: str) -> str:
    # Names in DNS may have what IDNA does not know, such as an underscore.
    if label.isascii() and not label.startswith("xn--"):
        return label
    return idna.alabel(label).decode()


def _invalid(host: str, expected: str) -> CallError:
    return CallError(Reason.INVALID_REQUEST, f"the host {shown(host)} cannot be called: {expected}")
