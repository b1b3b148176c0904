"""fields lists what a CronTask can say, one entry a field, for the form and for who reads it.

The template draws the form from this list, and the parser reads what comes back by it. A
field goes by its path in ``spec``, as the API server names it in its complaints. Some have no
path of their own: they choose which of several others hold (`Kind.SWITCH`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crontask_core.enums import (
    BodyType,
    ConcurrencyPolicy,
    DstGap,
    DstOverlap,
    MissedRunPolicy,
    TaskType,
)


class Kind(StrEnum):
    """How a field is drawn, and how its text is read."""

    LINE = "line"
    """A text on one line."""
    TEXT = "text"
    """A text of several lines."""
    NUMBER = "number"
    """A whole number."""
    FACTOR = "factor"
    """A number that may have a fraction."""
    CHOICE = "choice"
    """One word of a few."""
    FLAG = "flag"
    """Yes or no."""
    WORDS = "words"
    """Several words."""
    NUMBERS = "numbers"
    """Several whole numbers."""
    SWITCH = "switch"
    """Which of the fields that name it hold."""
    ENTRIES = "entries"
    """Headers or metadata: names, each with a value or with where it is kept."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds if the switch has the value."""

    switch: str
    value: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form.

    Parameters
    ----------
    name
        Its path below ``spec``, or its own name.
    default
        What the API server makes of an empty one, as text. A choice begins with it.
    only
        It holds, and is shown, only if all of these do.
    in_spec
        Whether `name` is a path in the spec that its text alone decides.
    stays
        It may stand in a task whatever the switches say, where it then means nothing.
    is_code
        Whether it is to be read by a program, so that each character counts.
    """

    name: str
    kind: Kind = Kind.LINE
    default: str = ""
    choices: tuple[str, ...] = ()
    only: tuple[Condition, ...] = ()
    in_spec: bool = True
    stays: bool = False
    is_code: bool = False
    is_wide: bool = False
    """Whether it takes the whole width."""


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together. Those that most tasks leave as they are, are folded."""

    name: str
    fields: tuple[Field, ...]
    is_folded: bool = True


NAMESPACE: Final = "namespace"
OBJECT_NAME: Final = "metadata.name"
LABELS: Final = "metadata.labels"
TASK_NAME: Final = "taskName"
TIMING: Final = "timing"
PROTOCOL: Final = "protocol"
RETRY: Final = "retry"

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_SCHEDULE: Final = (Condition(TIMING, "schedule"),)
_AT: Final = (Condition(TIMING, "at"),)
_HTTP: Final = (Condition(PROTOCOL, "http"),)
_GRPC: Final = (Condition(PROTOCOL, "grpc"),)
_DELAYS: Final = (Condition(RETRY, "delays"),)
_BACKOFF: Final = (Condition(RETRY, "backoff"),)


def _tls(path: str, protocol: tuple[Condition, ...], choices: tuple[str, ...]) -> tuple[Field, ...]:
    verified = (*protocol, Condition(path, "ca"))
    return (
        Field(path, Kind.SWITCH, choices[0], choices, protocol, in_spec=False, is_wide=True),
        Field(f"{path}.caSecretRef.name", only=verified, in_spec=False, is_code=True),
        Field(f"{path}.caSecretRef.key", only=verified, in_spec=False, is_code=True),
    )


SECTIONS: Final = (
    Section(
        "task",
        (
            Field(TASK_NAME, in_spec=False),
            Field(NAMESPACE, in_spec=False, is_code=True),
        ),
        is_folded=False,
    ),
    Section(
        "when",
        (
            Field(TIMING, Kind.SWITCH, "schedule", ("schedule", "at"), in_spec=False, is_wide=True),
            Field("schedule", only=_SCHEDULE, is_code=True),
            Field("at", only=_AT, is_code=True),
            Field("timeZone", default="UTC", only=_SCHEDULE, stays=True, is_code=True),
            Field("suspend", Kind.FLAG, is_wide=True),
        ),
        is_folded=False,
    ),
    Section(
        "call",
        (
            Field(PROTOCOL, Kind.SWITCH, "http", ("http", "grpc"), in_spec=False, is_wide=True),
            Field("callback.http.url", only=_HTTP, is_code=True, is_wide=True),
            Field("callback.http.method", Kind.CHOICE, "POST", METHODS, _HTTP),
            Field("callback.http.bodyType", Kind.CHOICE, "JSON", tuple(BodyType), _HTTP),
            Field("callback.grpc.address", only=_GRPC, is_code=True, is_wide=True),
            Field("callback.grpc.service", only=_GRPC, is_code=True),
            Field("callback.grpc.method", only=_GRPC, is_code=True),
            Field("callback.http.body", Kind.TEXT, only=_HTTP, is_code=True, is_wide=True),
            Field("callback.grpc.body", Kind.TEXT, only=_GRPC, is_code=True, is_wide=True),
        ),
        is_folded=False,
    ),
    Section(
        "headers",
        (
            Field("callback.http.headers", Kind.ENTRIES, only=_HTTP, in_spec=False, is_wide=True),
            Field("callback.grpc.metadata", Kind.ENTRIES, only=_GRPC, in_spec=False, is_wide=True),
        ),
    ),
    Section(
        "outcome",
        (
            Field("timeoutSeconds", Kind.NUMBER, "30"),
            Field(
                "expect.statusCodes", Kind.WORDS, "200-299", only=_HTTP, stays=True, is_code=True
            ),
            Field("expect.bodyRegex", is_code=True, is_wide=True),
        ),
    ),
    Section(
        "retry",
        (
            Field(
                RETRY, Kind.SWITCH, "none", ("none", "delays", "backoff"), in_spec=False,
                is_wide=True,
            ),
            Field("retry.delaysSeconds", Kind.NUMBERS, only=_DELAYS, is_code=True, is_wide=True),
            Field("retry.backoff.attempts", Kind.NUMBER, "3", only=_BACKOFF),
            Field("retry.backoff.initialSeconds", Kind.NUMBER, "1", only=_BACKOFF),
            Field("retry.backoff.factor", Kind.FACTOR, "2", only=_BACKOFF),
            Field("retry.backoff.maxSeconds", Kind.NUMBER, "300", only=_BACKOFF),
            Field("retry.retryOn", Kind.WORDS, is_code=True),
            Field("retry.maxTotalSeconds", Kind.NUMBER),
        ),
    ),
    Section(
        "connection",
        (
            *_tls("callback.http.tls", _HTTP, ("system", "ca", "insecure")),
            *_tls("callback.grpc.tls", _GRPC, ("plain", "system", "ca", "insecure")),
            Field("callback.http.followRedirects", Kind.NUMBER, "0", only=_HTTP),
            Field("callback.grpc.descriptorSetRef.name", only=_GRPC, in_spec=False, is_code=True),
            Field("callback.grpc.descriptorSetRef.key", only=_GRPC, in_spec=False, is_code=True),
        ),
    ),
    Section(
        "policies",
        (
            Field("missedRunPolicy", Kind.CHOICE, "Latest", tuple(MissedRunPolicy)),
            Field("startingDeadlineSeconds", Kind.NUMBER, "600"),
            Field("concurrencyPolicy", Kind.CHOICE, "Allow", tuple(ConcurrencyPolicy)),
            Field("type", Kind.CHOICE, "", ("", *TaskType)),
            Field("dst.gap", Kind.CHOICE, "Skip", tuple(DstGap), _SCHEDULE, stays=True),
            Field("dst.overlap", Kind.CHOICE, "Both", tuple(DstOverlap), _SCHEDULE, stays=True),
        ),
    ),
    Section(
        "keeping",
        (
            Field("historyLimit", Kind.NUMBER, "10"),
            Field("ttlSecondsAfterFinished", Kind.NUMBER),
            Field("module", Kind.NUMBER, "0"),
            Field(OBJECT_NAME, in_spec=False, is_code=True),
            Field(LABELS, Kind.TEXT, in_spec=False, is_code=True, is_wide=True),
        ),
    ),
)  # fmt: skip

FIELDS: Final = {field.name: field for section in SECTIONS for field in section.fields}

NEW_ONLY: Final = frozenset({NAMESPACE, TASK_NAME, OBJECT_NAME})
"""What names a task, and so is chosen once."""
