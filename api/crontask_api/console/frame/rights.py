"""rights tells what a visitor may see and do, as the facade's mode decides it.

In mode kubernetes the API server is asked, with the answers kept for ten seconds. First
whether the visitor may do it everywhere: most who may see many namespaces may see all.
"""

from collections.abc import Iterable

from crontask_api.auth.authenticator import Verb
from crontask_api.console.frame.visit import Visit
from crontask_api.console.live.row import Key
from crontask_api.errors import RequestError
from crontask_api.web.namespaces import choose_namespace
from crontask_kube.names import is_object_name

EVERYWHERE = ""
"""Stands for all namespaces, as in a SubjectAccessReview."""

FORBIDDEN = 403


async def may(visit: Visit, verb: Verb, namespace: str) -> bool:
    """Return whether the visitor may do `verb` to the tasks of `namespace`.

    Raises
    ------
    ApiError
        If the API server had to be asked, and is away.
    """
    try:
        await visit.console.authenticator.check_allowed(visit.identity, verb, namespace)
    except RequestError as error:
        if error.status == FORBIDDEN:
            return False
        raise
    return True


async def check_seen(visit: Visit, namespace: str) -> None:
    """Return if the visitor may see the tasks of `namespace`.

    Raises
    ------
    RequestError
        If the namespace is not served, or not to this visitor: with HTTP status 404, as
        for what does not exist, so that nobody learns what there is.
    """
    nothing = RequestError(visit.language.text("error.not_found"), status=404)
    try:
        choose_namespace(visit.console.settings, header=namespace, field=None)
    except RequestError as error:
        raise nothing from error
    if not await may(visit, Verb.LIST, namespace):
        raise nothing


async def allowed(visit: Visit, verb: Verb, namespaces: Iterable[str]) -> frozenset[str]:
    """Return those of `namespaces` in which the visitor may do `verb`; raises as `may`."""
    names = frozenset(namespaces)
    if len(names) > 1 and await may(visit, verb, EVERYWHERE):
        return names
    return frozenset([name for name in sorted(names) if await may(visit, verb, name)])


async def readable(visit: Visit, namespace: str, name: str) -> Key:
    """Return the key of a task that the visitor may see; raises as `check_seen`."""
    if not is_object_name(name):
        raise RequestError(visit.language.text("error.not_found"), status=404)
    await check_seen(visit, namespace)
    return (namespace, name)
