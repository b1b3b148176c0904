"""Query is what a list of tasks is asked for, as its address says it."""

from enum import StrEnum
from typing import Annotated, ClassVar, Final

from pydantic import Field

from crontask_api.console.frame.asked import Asked
from crontask_core.enums import Phase, TaskType

TEXT: Final = Field(max_length=200)

PAGE_SIZE: Final = 50


class Sort(StrEnum):
    """What a list is sorted by."""

    NAME = "name"
    NEXT = "next"
    LAST = "last"
    FAILURES = "failures"


DOWNWARDS: Final = frozenset({Sort.LAST, Sort.FAILURES})
"""What begins with the largest unless it is turned around: the latest, the worst."""


class Query(Asked):
    """Filters, order and place."""

    path: ClassVar[str] = "/console/tasks"
    not_filters: ClassVar[frozenset[str]] = Asked.not_filters | {"sort", "turned"}

    text: Annotated[str, TEXT] = ""
    phase: Phase | None = None
    type: TaskType | None = None
    module: Annotated[int, Field(ge=0)] | None = None
    method: Annotated[str, Field(max_length=20)] = ""
    namespace: Annotated[str, Field(max_length=63)] = ""
    failing: bool = False
    sort: Sort = Sort.NAME
    turned: bool = False
    """Whether the order is the other way around than is usual for `sort`."""

    @property
    def is_downwards(self) -> bool:
        """Whether the largest comes first."""
        return (self.sort in DOWNWARDS) is not self.turned

    def sorted_by(self, sort: Sort) -> str:
        """Return the address of this list sorted by `sort`, turned around if it is already."""
        return self.address(sort=sort, turned=sort is self.sort and not self.turned)
