"""endpoints cuts the OpenAPI document into what the page of each endpoint shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from crontask_api.reference.prose import Part, prose
from crontask_api.reference.sections import Row, Section, sections
from crontask_api.routes.described import PREFIX

PATH: Final = "/console/api"


class Table(NamedTuple):
    """Fields of one kind."""

    kind: str
    rows: list[tuple[Row, list[Part]]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint; `section` is what the reference says of it."""

    section: Section
    description: list[Part]
    tables: list[Table]

    @property
    def address(self) -> str:
        """Of its page."""
        return f"{PATH}/{self.section.anchor}"

    @property
    def can_be_tried(self) -> bool:
        """Whether it takes requests from here: what only tells of health does not."""
        return self.section.method == "POST" and self.section.path.startswith(f"{PREFIX}/")


def endpoints(document: dict[str, Any]) -> list[Endpoint]:
    """Return the endpoints of the OpenAPI `document`, in its order."""
    return [
        Endpoint(each, prose(each.description), list(_tables(each))) for each in sections(document)
    ]


def _tables(section: Section) -> Iterator[Table]:
    for kind, rows in (
        ("header", section.headers),
        ("field", section.fields),
        ("answer", section.answer_fields),
    ):
        if rows:
            yield Table(kind, [(row, prose(row.description)) for row in rows])
