"""Authenticator tells the routes who sent a request, and what that client may do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from crontask_api.errors import RequestError


class Verb(StrEnum):
    """What an endpoint does to CronTasks, in the words of Kubernetes RBAC."""

    CREATE = "create"
    GET = "get"
    LIST = "list"
    PATCH = "patch"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Identity:
    """A client that has proved who it is."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()


ANONYMOUS = Identity("anonymous")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a request shows of who sent it.

    Parameters
    ----------
    authorization
        Its header ``Authorization``.
    address
        Where it came from, as a trusted proxy says or else its connection. Whose turn it is.
    peer
        The other end of its connection, whatever anybody says.
    headers
        All its headers, names in lower case, as they came.
    """

    authorization: str | None = None
    address: str = ""
    peer: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Authenticator(Protocol):
    """One way to authenticate and authorize. The first two are called for every request."""

    async def authenticate(self, evidence: Evidence) -> Identity:
        """Return who sent a request that shows this.

        Raises
        ------
        RequestError
            With HTTP status 401 if it does not prove anybody's identity.
        """

    async def check_allowed(self, identity: Identity, verb: Verb, namespace: str) -> None:
        """Return if `identity` may do `verb` to the CronTasks of `namespace`.

        Raises
        ------
        RequestError
            With HTTP status 403 if not.
        """

    async def may_read_secret(self, identity: Identity, namespace: str, name: str) -> bool:
        """Return whether `identity` is known to have the right to read this Secret."""

    async def may_read_tasks(self, identity: Identity, namespace: str) -> bool:
        """Return whether it is known to have the right to read whole CronTasks.

        What the facade answers leaves out the headers.
        """


class OpenAuthenticator:
    """Lets everybody in: ``auth=none``."""

    async def authenticate(self, evidence: Evidence) -> Identity:
        """Return the same identity for all."""
        return ANONYMOUS

    async def check_allowed(self, identity: Identity, verb: Verb, namespace: str) -> None:
        """Allow everything."""

    async def may_read_secret(self, identity: Identity, namespace: str, name: str) -> bool:
        """Return False: nobody knows who the client is."""
        return False

    async def may_read_tasks(self, identity: Identity, namespace: str) -> bool:
        """Return False: nobody knows who the client is."""
        return False


def bearer_token(authorization: str | None) -> str:
    """Return the token in the ``Authorization`` header (RFC 6750, section 2.1).

    Raises
    ------
    RequestError
        With HTTP status 401 if there is none.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthorized("expected the header Authorization: Bearer TOKEN")
    return token.strip()


def unauthorized(message: str) -> RequestError:
    """Return the error for a request that proves nobody's identity."""
    return RequestError(message, status=401, headers={"WWW-Authenticate": "Bearer"})
