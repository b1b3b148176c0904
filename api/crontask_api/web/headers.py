"""refuse_repeated reads no header for which there are two answers, for the routes."""

from collections.abc import Iterable

from starlette.datastructures import Headers

from crontask_api.errors import RequestError


def refuse_repeated(headers: Headers, names: Iterable[str]) -> None:
    """Return if each of `names` came once at most.

    Raises
    ------
    RequestError
        If one came more often: a proxy in front may have gone by another one of them.
    """
    for name in names:
        number = len(headers.getlist(name))
        if number > 1:
            raise RequestError(f"{name}: expected one header of this name, found {number}")
