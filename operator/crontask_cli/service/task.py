"""task types what lists and tables need of a CronTask, for all commands.

The rest of the object is not even decoded: a list of thousands is read in a moment.
"""

from typing import TYPE_CHECKING, Any

import msgspec

from crontask_core.constants import GROUP, KIND
from crontask_kube.errors import decoded

if TYPE_CHECKING:
    from crontask_core.status import CronTaskStatus


class _Fields(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """Camel case on the wire; unknown fields are ignored."""


class Metadata(_Fields, frozen=True):
    """Part of ``metadata``."""

    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: str = ""
    labels: dict[str, str] = {}


class HttpTarget(_Fields, frozen=True):
    """Part of ``spec.callback.http``."""

    url: str = ""
    method: str = "POST"


class GrpcTarget(_Fields, frozen=True):
    """Part of ``spec.callback.grpc``."""

    address: str = ""
    service: str = ""
    method: str = ""


class Target(_Fields, frozen=True):
    """``spec.callback``."""

    http: HttpTarget | None = None
    grpc: GrpcTarget | None = None

    @property
    def address(self) -> str:
        """The URL, or address and method of a gRPC server."""
        if self.http is not None:
            return self.http.url
        if self.grpc is not None:
            return f"{self.grpc.address}/{self.grpc.service}/{self.grpc.method}"
        return ""


class Dst(_Fields, frozen=True):
    """``spec.dst``."""

    gap: str = "Skip"
    overlap: str = "Both"


class Spec(_Fields, frozen=True):
    """Part of ``spec``."""

    callback: Target = Target()
    task_name: str = ""
    module: int = 0
    type: str | None = None
    schedule: str | None = None
    at: str | None = None
    time_zone: str = "UTC"
    dst: Dst = Dst()
    suspend: bool = False


class LastRun(_Fields, frozen=True):
    """Part of ``status.lastRun``."""

    status: str = ""
    time: str = ""


class Status(_Fields, frozen=True):
    """Part of ``status``."""

    phase: str | None = None
    next_run_time: str | None = None
    last_run: LastRun | None = None
    consecutive_failures: int = 0
    active: list[msgspec.Raw] = []


class Task(_Fields, frozen=True):
    """Part of a CronTask."""

    metadata: Metadata
    spec: Spec = Spec()
    status: Status = Status()

    @property
    def task_name(self) -> str:
        """The name that people gave it, or else that of the object."""
        return self.spec.task_name or self.metadata.name

    @property
    def is_failing(self) -> bool:
        """Whether its latest run failed, or it cannot run at all."""
        return self.status.consecutive_failures > 0 or self.status.phase in ("Failed", "Invalid")


_TASK = msgspec.json.Decoder(Task)
_OBJECT: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any])


def read_task(manifest: bytes | msgspec.Raw) -> Task:
    """Return what is needed of a CronTask.

    Raises
    ------
    crontask_kube.errors.UnavailableError
        If it is none.
    """
    return decoded(_TASK, manifest)


def read_manifest(manifest: bytes | msgspec.Raw) -> dict[str, Any]:
    """Return the whole CronTask, without the API server's bookkeeping of its fields.

    Raises
    ------
    crontask_kube.errors.UnavailableError
        If it is none.
    """
    found = decoded(_OBJECT, manifest)
    metadata = found.get("metadata")
    if isinstance(metadata, dict):
        metadata.pop("managedFields", None)
    return found


def status_of(manifest: dict[str, Any]) -> "CronTaskStatus":
    """Return the status, without what another version wrote and this one cannot read."""
    from crontask_core.status import CronTaskStatus
    from crontask_core.status_reading import read_status

    found = manifest.get("status")
    return read_status(found if isinstance(found, dict) else {}, CronTaskStatus)[0]


def reference(name: str) -> str:
    """Return how kubectl names the object called `name`."""
    return f"{KIND.lower()}.{GROUP}/{name}"
