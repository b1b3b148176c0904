"""enums lists the words that fields of a CronTask may hold, for all who read or write them."""

from enum import StrEnum


class TaskType(StrEnum):
    """The seven types of the documented API; only ``SINGLE`` changes behaviour.

    Source: ``docs/api.md``, types 1 to 7 in this order.
    """

    SINGLE = "Single"
    """Runs once, at ``at`` or at the next match of ``schedule``."""
    INTERVAL = "Interval"
    HOUR = "Hour"
    DAILY = "Daily"
    MONTH = "Month"
    YEAR = "Year"
    WEEK = "Week"


class Phase(StrEnum):
    """Where a task stands; the ``PHASE`` column of ``kubectl get ct``."""

    ACTIVE = "Active"
    """Will run again."""
    SUSPENDED = "Suspended"
    """``spec.suspend`` is true: runs only when asked to."""
    INVALID = "Invalid"
    """The Accepted condition says which field the operator could not use."""
    SUCCEEDED = "Succeeded"
    """A one-shot task whose run succeeded."""
    FAILED = "Failed"
    """A one-shot task whose last attempt failed, or which was missed for good."""


class RunType(StrEnum):
    """Why an attempt was made."""

    SCHEDULED = "Scheduled"
    RETRY = "Retry"
    MANUAL = "Manual"
    CATCH_UP = "CatchUp"
    """A run whose moment passed while no operator was there to fire it."""


class RunStatus(StrEnum):
    """State of one attempt."""

    STARTED = "Started"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class Reason(StrEnum):
    """Every way an attempt can end; ``reason`` of a final record."""

    OK = "OK"
    """The answer met ``expect``."""
    UNEXPECTED_STATUS = "UnexpectedStatus"
    """An answer arrived with a status outside ``expect.statusCodes``."""
    BODY_MISMATCH = "BodyMismatch"
    """The status was expected, but ``expect.bodyRegex`` found no match."""
    TIMEOUT = "Timeout"
    """No complete answer within ``timeoutSeconds``, connecting included."""
    CONNECTION_ERROR = "ConnectionError"
    """The name did not resolve, the connection was refused or broke, or TLS failed."""
    ADDRESS_DENIED = "AddressDenied"
    """The target's address is on the operator's deny list."""
    INVALID_REQUEST = "InvalidRequest"
    """The request could not be built from the spec, so nothing was sent."""
    SECRET_UNAVAILABLE = "SecretUnavailable"  # noqa: S105 - a reason, no password
    """A Secret or a key that the spec refers to does not exist or may not be read."""
    GRPC_ERROR = "GrpcError"
    """A gRPC call ended with another status than OK; ``code`` holds it."""
    CANCELLED = "Cancelled"
    """The task was deleted, or the operator stopped, before the call ended."""
    REPLACED = "Replaced"
    """A newer run took its place under the Replace concurrency policy."""
    MISSED = "Missed"
    """The moment of a one-shot task passed beyond its starting deadline."""
    INTERNAL_ERROR = "InternalError"
    """A fault of the operator itself; its log has the traceback."""


class MissedRunPolicy(StrEnum):
    """What becomes of runs that were due while no operator was there."""

    LATEST = "Latest"
    """Fire the latest of them, if it is within the starting deadline."""
    SKIP = "Skip"
    """Fire none of them."""
    ALL = "All"
    """Fire all within the starting deadline, oldest first, in bounded number."""


class ConcurrencyPolicy(StrEnum):
    """What happens when a run is due while another of the same task is in flight."""

    ALLOW = "Allow"
    FORBID = "Forbid"
    REPLACE = "Replace"


class DstGap(StrEnum):
    """What a wall time that a forward clock change leaves out means."""

    SKIP = "Skip"
    RUN_AFTER = "RunAfter"


class DstOverlap(StrEnum):
    """What a wall time that a backward clock change repeats means."""

    BOTH = "Both"
    FIRST = "First"
    SECOND = "Second"


class BodyType(StrEnum):
    """Encoding of an HTTP request body."""

    JSON = "JSON"
    FORM = "Form"
