"""Who an authenticating proxy says that a client is: ``auth=proxy``.

The proxy, such as oauth2-proxy, has people log in, and says in headers who they are. Whoever
can connect could say the same, so the headers are believed from the addresses of trusted
proxies alone, by the connection and not by what a header says of it. RBAC decides what the
users and groups that they name may do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from crontask_api.auth.authenticator import Evidence, Identity, unauthorized
from crontask_api.auth.rights import ClusterRights
from crontask_api.errors import RequestError
from crontask_api.kube.session import RetryingSession
from crontask_api.shown import shown

RESERVED: Final = "system:"
"""Begins the names of users and groups that are the cluster's own. Some need no rights to be
given to them (``system:masters``), and no proxy has anybody log in as one of them."""

MOST_CHARACTERS: Final = 256
"""Of a name: no directory has longer ones, and it goes into each review and each log line."""

MOST_GROUPS: Final = 200

EMAIL: Final = "email"
"""Where a SubjectAccessReview holds the address; RBAC does not look at it."""


@dataclass(frozen=True, slots=True)
class ProxyHeaders:
    """What the proxy's headers are called, and what is put before names.

    Without an email header, or with an empty one, nobody's address is known.
    """

    user: str = "X-Forwarded-User"
    groups: str = "X-Forwarded-Groups"
    email: str = "X-Forwarded-Email"
    user_prefix: str = ""
    groups_prefix: str = ""


class ProxyAuthenticator(ClusterRights):
    """Admits whom a trusted proxy names, to what RBAC allows.

    Parameters
    ----------
    session
        The facade's own connection; it needs to create SubjectAccessReviews.
    trusted
        Networks of the proxies.
    """

    def __init__(
        self,
        session: RetryingSession,
        trusted: Sequence[IPv4Network | IPv6Network],
        headers: ProxyHeaders,
    ) -> None:
        super().__init__(session)
        self._trusted = tuple(trusted)
        self._headers = headers

    async def authenticate(self, evidence: Evidence) -> Identity:
        """Return the user that the proxy names, with their groups."""
        if not self._is_trusted(evidence.peer):
            raise unauthorized("expected a request by way of the proxy that knows its users")
        names = self._headers
        user = _one(evidence, names.user)
        if not user:
            raise unauthorized(f"expected the header {names.user} of the proxy")
        groups = [part.strip() for part in _one(evidence, names.groups).split(",")]
        if len(groups) > MOST_GROUPS:
            raise unauthorized(
                f"{names.groups}: expected at most {MOST_GROUPS} groups, found {len(groups)}"
            )
        email = _one(evidence, names.email)
        return Identity(
            _name(names.user, names.user_prefix + user),
            # The same groups in another order are the same rights, and asked for once.
            groups=tuple(
                sorted(
                    {_name(names.groups, names.groups_prefix + group) for group in groups if group}
                )
            ),
            extra=((EMAIL, (_name(names.email, email),)),) if email else (),
        )

    def _is_trusted(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._trusted)


def _one(evidence: Evidence, name: str) -> str:
    """Return the one header called `name`, empty if there is none.

    Raises
    ------
    RequestError
        If it came more than once: one of them may be the client's own. Or if it is not
        in UTF-8.
    """
    if not name:
        return ""
    wanted = name.lower().encode()
    found = [value for key, value in evidence.headers if key.lower() == wanted]
    if len(found) > 1:
        raise unauthorized(f"{name}: expected one header of this name, found {len(found)}")
    try:
        return found[0].decode().strip() if found else ""
    except UnicodeDecodeError as error:
        raise unauthorized(f"{name}: expected UTF-8") from error


def _name(header: str, name: str) -> str:
    if len(name) > MOST_CHARACTERS:
        raise unauthorized(
            f"{header}: expected at most {MOST_CHARACTERS} characters, found {len(name)}"
        )
    if not name.isprintable():
        raise unauthorized(f"{header}: expected printable characters, found {shown(name)}")
    if name.lower().startswith(RESERVED):
        raise RequestError(f"{header}: {shown(name)} is a name of the cluster's own", status=403)
    return name
