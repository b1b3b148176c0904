"""found_rows tells which tasks a visitor may see, and which of them they mean."""

from typing import Final

from crontask_api.auth.authenticator import Verb
from crontask_api.console.frame.rights import allowed
from crontask_api.console.frame.visit import Visit
from crontask_api.console.live.row import Key, Row
from crontask_api.console.tasks.listing import matching
from crontask_api.console.tasks.query import Query

ALL: Final = "all"
"""The field of a form that means everything that its filter matches."""


async def found_rows(visit: Visit) -> list[Row]:
    """Return the tasks of the namespaces in which the visitor may list them.

    Raises
    ------
    ApiError
        If the API server had to be asked for that, and is away.
    """
    rows = visit.console.board.rows.values()
    seen = await allowed(visit, Verb.LIST, {row.namespace for row in rows})
    return [row for row in rows if row.namespace in seen]


async def meant_rows(visit: Visit) -> list[Row]:
    """Return the tasks that the visit's form means: those selected, or all that match."""
    rows = await found_rows(visit)
    if visit.field(ALL):
        return matching(rows, Query.read(visit.form))
    meant = set(map(_key, visit.fields("task")))
    return [row for row in rows if row.key in meant]


def _key(reference: str) -> Key:
    namespace, _, name = reference.partition("/")
    return (namespace, name)
