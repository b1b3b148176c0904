"""listing is what the API server tells of which tasks there are, for checks of the view."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listed:
    """A task as a listing names it."""

    uid: str
    namespace: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a consistent listing of one namespace, or of all if `namespace` is None.

    `version` is that of the collection, the same in all pages of a listing.
    """

    namespace: str | None
    version: str
    tasks: tuple[Listed, ...]
    is_last: bool
