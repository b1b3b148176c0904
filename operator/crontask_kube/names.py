"""names decides whether a text is a name in Kubernetes, for all who use it as one.

The API server checks the name of an object when it is created. It does not check a name
that stands in the spec of another object. In a path, such a name could lead anywhere,
with the rights of the program that sends the request.
"""

import re
from typing import Final

from crontask_core.errors import CronTaskError
from crontask_core.truncate import truncate

MAX_LENGTH: Final = 253
"""Characters of an object's name, and of a key in a Secret or a ConfigMap."""

SHOWN_BYTES: Final = 80
"""Bytes of a wrong text that a message repeats."""

NAMESPACE_PATTERN: Final = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
"""A namespace's name: a DNS label (RFC 1123)."""

_LABEL: Final = re.compile(NAMESPACE_PATTERN)
_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_KEY: Final = re.compile(r"(?!\.\.|\.$)[-._a-zA-Z0-9]+")


class IllegalNameError(CronTaskError):
    """A text that should be a name in Kubernetes is none.

    Parameters
    ----------
    field
        Where it stands, such as ``spec.callback.http.tls.caSecretRef.name``.
    expected
        What it should be, as a noun phrase.
    found
        The text; the message repeats the beginning.
    """

    code = "IllegalName"

    def __init__(self, field: str, expected: str, found: str) -> None:
        # repr leaves no control character in the message.
        super().__init__(f"{field}: expected {expected}, got {truncate(repr(found), SHOWN_BYTES)}")
        self.field = field


def is_object_name(text: str) -> bool:
    """Return whether `text` is a DNS subdomain (RFC 1123), as names of objects are."""
    return len(text) <= MAX_LENGTH and _SUBDOMAIN.fullmatch(text) is not None


def check_object_name(text: str, field: str) -> str:
    """Return `text` if it can be the name of an object.

    Raises
    ------
    IllegalNameError
        If it cannot, with `field`.
    """
    if not is_object_name(text):
        expected = "a name of lower-case letters, digits, '-' and '.' (a DNS subdomain)"
        raise IllegalNameError(field, expected, text)
    return text


def check_namespace(text: str, field: str) -> str:
    """Return `text` if it can be the name of a namespace, a DNS label (RFC 1123).

    Raises
    ------
    IllegalNameError
        If it cannot, with `field`.
    """
    if not _LABEL.fullmatch(text):
        expected = "a namespace of lower-case letters, digits and '-' (a DNS label)"
        raise IllegalNameError(field, expected, text)
    return text


def check_key(text: str, field: str) -> str:
    """Return `text` if it can be a key in the data of a Secret or a ConfigMap.

    Source: k8s.io/apimachinery/pkg/util/validation, IsConfigMapKey.

    Raises
    ------
    IllegalNameError
        If it cannot, with `field`.
    """
    if len(text) > MAX_LENGTH or not _KEY.fullmatch(text):
        expected = "a key of letters, digits, '-', '_' and '.', not '.' and not beginning with '..'"
        raise IllegalNameError(field, expected, text)
    return text
