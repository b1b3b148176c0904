"""spec types the desired state of a CronTask, as the resource holds it, for all programs.

The API server has checked types, bounds and CEL rules before an object arrives here,
so decoding is one pass of msgspec. What only the operator can judge (a cron
expression, a time zone, a regular expression) is compiled elsewhere.
"""

from datetime import datetime
from typing import Any

import msgspec

from crontask_core.constants import (
    DEFAULT_HISTORY_LIMIT,
    DEFAULT_STARTING_DEADLINE_SECONDS,
    DEFAULT_TIMEOUT_SECONDS,
)
from crontask_core.enums import (
    BodyType,
    ConcurrencyPolicy,
    DstGap,
    DstOverlap,
    MissedRunPolicy,
    TaskType,
)
from crontask_core.errors import SpecError


class _Fields(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, gc=False
):
    """Immutable, camel case on the wire, and small: thousands are kept in memory."""


class SecretKeyRef(_Fields, frozen=True):
    """One key of a Secret in the task's namespace."""

    name: str
    key: str


class ConfigMapKeyRef(_Fields, frozen=True):
    """One key of a ConfigMap's ``binaryData`` in the task's namespace."""

    name: str
    key: str


class Header(_Fields, frozen=True):
    """One HTTP header or gRPC metadata entry: exactly one of `value`, `secret_key_ref`."""

    name: str
    value: str | None = None
    secret_key_ref: SecretKeyRef | None = None


class Tls(_Fields, frozen=True):
    """How to verify the target. An absent `ca_secret_ref` means the system's roots."""

    ca_secret_ref: SecretKeyRef | None = None
    insecure_skip_verify: bool = False


class HttpCallback(_Fields, frozen=True):
    """The HTTP request to send."""

    url: str
    method: str = "POST"
    headers: tuple[Header, ...] = ()
    body: str = ""
    body_type: BodyType = BodyType.JSON
    follow_redirects: int = 0
    """Redirects to follow before the next one counts as the answer; 0 to 10."""
    tls: Tls | None = None


class GrpcCallback(_Fields, frozen=True):
    """The unary gRPC method to call; plaintext unless `tls` is present."""

    address: str
    service: str
    method: str
    body: str = ""
    metadata: tuple[Header, ...] = ()
    descriptor_set_ref: ConfigMapKeyRef | None = None
    """A serialized ``FileDescriptorSet``; absent means server reflection."""
    tls: Tls | None = None


class Callback(_Fields, frozen=True):
    """What to call: exactly one of the two."""

    http: HttpCallback | None = None
    grpc: GrpcCallback | None = None


class Expect(_Fields, frozen=True):
    """What counts as success. `body_regex` is RE2, unanchored; empty matches all."""

    status_codes: tuple[str, ...] = ("200-299",)
    body_regex: str = ""


class Backoff(_Fields, frozen=True):
    """Exponential delays: ``initial * factor**n`` seconds, at most `max_seconds`."""

    initial_seconds: int = 1
    factor: float = 2.0
    max_seconds: int = 300
    attempts: int = 3


class Retry(_Fields, frozen=True):
    """When to try again: `delays_seconds` or `backoff`, never both."""

    delays_seconds: tuple[int, ...] = ()
    backoff: Backoff | None = None
    retry_on: tuple[str, ...] = ()
    max_total_seconds: int | None = None


class Dst(_Fields, frozen=True):
    """What a wall time means which a clock change leaves out or repeats."""

    gap: DstGap = DstGap.SKIP
    overlap: DstOverlap = DstOverlap.BOTH


class CronTaskSpec(_Fields, frozen=True):
    """``spec`` of a CronTask; `docs/reference.md` and ``kubectl explain`` tell each field."""

    callback: Callback
    task_name: str = ""
    module: int = 0
    type: TaskType | None = None
    schedule: str | None = None
    at: datetime | None = None
    time_zone: str = "UTC"
    dst: Dst = Dst()
    suspend: bool = False
    timeout_seconds: int = DEFAULT_TIMEOUT_SECONDS
    expect: Expect = Expect()
    retry: Retry = Retry()
    starting_deadline_seconds: int = DEFAULT_STARTING_DEADLINE_SECONDS
    missed_run_policy: MissedRunPolicy = MissedRunPolicy.LATEST
    concurrency_policy: ConcurrencyPolicy = ConcurrencyPolicy.ALLOW
    history_limit: int = DEFAULT_HISTORY_LIMIT
    ttl_seconds_after_finished: int | None = None

    @property
    def is_one_shot(self) -> bool:
        """Whether the task runs once and then ends as Succeeded or Failed."""
        return self.at is not None or self.type is TaskType.SINGLE


def parse_spec(spec: Any) -> CronTaskSpec:
    """Decode ``spec`` as the API server returns it.

    Raises
    ------
    SpecError
        If a field is missing or has another type, which an older CRD could let pass.
    """
    try:
        return msgspec.convert(spec, CronTaskSpec)
    except msgspec.ValidationError as error:
        # msgspec says "Expected `int`, got `str` - at `$.historyLimit`".
        message, _, path = str(error).partition(" - at `$")
        raise SpecError(f"spec{path.rstrip('`')}", message) from error
