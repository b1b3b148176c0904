"""Asked is what the address of a list says, for the pages that have one.

Every state of a page has an address: its filters and its place are fields of the query. What
one says wrongly is as if it said nothing, since people shorten addresses and write their own.
"""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Self
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class Asked(BaseModel):
    """Filters and place of one list; a subclass adds its filters."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: ClassVar[str]
    """Of the page."""
    not_filters: ClassVar[frozenset[str]] = frozenset({"after", "before"})
    """Fields that choose nothing: where in the list, and in which order."""

    after: Annotated[str, Field(max_length=2000)] = ""
    before: Annotated[str, Field(max_length=2000)] = ""
    """Cursors: the list goes on after one entry, or ends before one."""

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """Return what an address or a form asks for."""
        given = {name: value for name, value in pairs if value and name in cls.model_fields}
        while True:
            try:
                return cls.model_validate(given)
            except ValidationError as error:
                for wrong in error.errors():
                    given.pop(str(wrong["loc"][0]), None)

    @property
    def is_filtered(self) -> bool:
        """Whether it asks for less than everything."""
        return bool(self.filters())

    def filters(self) -> dict[str, str]:
        """Return the fields of the address that choose entries, without order and place."""
        told = self._told()
        return {name: value for name, value in told.items() if name not in self.not_filters}

    def pairs(self, **changes: object) -> dict[str, str]:
        """Return the fields of the address of this list with `changes`, at its beginning."""
        changed = self.model_copy(update={"after": "", "before": "", **changes})
        return changed._told()

    @property
    def here(self) -> str:
        """The address of this page, with what it asks for and nothing that is empty."""
        pairs = self._told()
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    def address(self, **changes: object) -> str:
        """Return the address of this list with `changes`, at its beginning."""
        pairs = self.pairs(**changes)
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    def _told(self) -> dict[str, str]:
        told = self.model_dump(mode="json", exclude_defaults=True)
        return {name: "1" if value is True else str(value) for name, value in told.items()}
