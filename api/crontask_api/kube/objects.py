"""objects has the types of CronTasks as the facade reads them."""

from typing import Any

import msgspec

from crontask_core.spec import CronTaskSpec, parse_spec
from crontask_core.status import CronTaskStatus
from crontask_core.status_reading import read_status


class ObjectMeta(msgspec.Struct, frozen=True, rename="camel"):
    """The part of ``metadata`` that the facade uses."""

    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class CronTask(msgspec.Struct, frozen=True):
    """One object. ``spec`` keeps fields that this version does not know, for updates."""

    metadata: ObjectMeta
    spec: dict[str, Any]
    status: msgspec.Raw = msgspec.Raw(b"{}")

    @property
    def task_name(self) -> str:
        """The name people gave the task; ``metadata.name`` if they gave none."""
        return self.spec.get("taskName") or self.metadata.name

    def typed_spec(self) -> CronTaskSpec:
        """Return the decoded spec.

        Raises
        ------
        SpecError
            If an older CRD let something else pass.
        """
        return parse_spec(self.spec)

    def typed_status(self) -> CronTaskStatus:
        """Return the status, without what another version wrote and this one cannot read."""
        try:
            return msgspec.json.decode(self.status, type=CronTaskStatus)
        except msgspec.ValidationError:
            found: dict[str, Any] = msgspec.json.decode(self.status, type=dict)
            return read_status(found, CronTaskStatus)[0]


class ListMeta(msgspec.Struct, frozen=True, rename="camel"):
    """Where the next page of a list begins, empty on the last, and how much is left.

    A watch goes on from `resource_version`, which all pages of a list have in common.
    """

    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")
    remaining_item_count: int = 0


class CronTaskPage(msgspec.Struct, frozen=True):
    """One page of a list."""

    items: tuple[CronTask, ...]
    metadata: ListMeta = ListMeta()
