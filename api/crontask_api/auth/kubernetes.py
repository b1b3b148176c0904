"""The cluster's own tokens and RBAC: ``auth=kubernetes``.

A TokenReview tells who sent the token, a SubjectAccessReview whether RBAC allows the
request, just as the API server would decide for that client itself.
"""

import hashlib
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from crontask_api.auth.authenticator import Identity, Verb, bearer_token, unauthorized
from crontask_api.auth.reviews import Reviews
from crontask_api.errors import RequestError
from crontask_api.kube.session import RetryingSession
from crontask_core.constants import GROUP, PLURAL
from crontask_kube.errors import decoded
from crontask_kube.paths import Resource, resource_path

_ANSWER_BYTES: Final = 400
"""What an answer takes besides its texts."""

_TEXT_BYTES: Final = 80
"""What a text takes besides its characters, with its place in a tuple."""


class _Access(NamedTuple):
    """What a client wants to do, as RBAC sees it. An empty name stands for all."""

    verb: Verb
    group: str
    resource: str
    namespace: str
    name: str = ""


class _User(msgspec.Struct):
    username: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: dict[str, tuple[str, ...]] = {}


class _TokenStatus(msgspec.Struct):
    authenticated: bool = False
    user: _User | None = None
    error: str = ""


class _TokenReview(msgspec.Struct):
    status: _TokenStatus


class _AccessStatus(msgspec.Struct):
    allowed: bool = False
    reason: str = ""


class _AccessReview(msgspec.Struct):
    status: _AccessStatus


ReviewT = TypeVar("ReviewT", _TokenReview, _AccessReview)


class KubernetesAuthenticator:
    """Admits whom the cluster knows, to what its RBAC allows.

    Parameters
    ----------
    session
        The facade's own connection; it needs the role ``system:auth-delegator``.
    audience
        For whom tokens must have been issued; empty for the API server's own audience.
    """

    def __init__(self, session: RetryingSession, *, audience: str = "") -> None:
        self._session = session
        self._audience = audience
        self._identities = Reviews[bytes, Identity](weigh=lambda _, identity: _weight(identity))
        self._rights = Reviews[tuple[Identity, _Access], bool](weigh=lambda key, _: _weight(key[0]))

    async def authenticate(self, authorization: str | None, address: str) -> Identity:
        """Return the user of the token."""
        token = bearer_token(authorization)
        # Memory holds no token for longer than its request.
        key = hashlib.sha256(token.encode(errors="surrogateescape")).digest()
        identity = await self._identities.get(key, lambda: self._review_token(token), asker=address)
        if identity is None:
            raise unauthorized("the cluster does not accept the token")
        return identity

    async def check_allowed(self, identity: Identity, verb: Verb, namespace: str) -> None:
        """Return if RBAC allows it."""
        if not await self._is_allowed(identity, _Access(verb, GROUP, PLURAL, namespace)):
            raise RequestError(
                f"{identity.name} may not {verb} {PLURAL}.{GROUP} in the namespace {namespace}",
                status=403,
            )

    async def may_read_secret(self, identity: Identity, namespace: str, name: str) -> bool:
        """Return whether RBAC lets the client read it, as it would with kubectl."""
        return await self._is_allowed(identity, _Access(Verb.GET, "", "secrets", namespace, name))

    async def may_read_tasks(self, identity: Identity, namespace: str) -> bool:
        """Return whether RBAC lets the client read them, as it would with kubectl."""
        return await self._is_allowed(identity, _Access(Verb.GET, GROUP, PLURAL, namespace))

    async def _is_allowed(self, identity: Identity, access: _Access) -> bool:
        allowed = await self._rights.get(
            (identity, access), lambda: self._review_access(identity, access), asker=identity.name
        )
        return allowed is not None

    async def _review_token(self, token: str) -> Identity | None:
        spec: dict[str, Any] = {"token": token}
        if self._audience:
            spec["audiences"] = [self._audience]
        review = await self._create(Resource.TOKEN_REVIEWS, "TokenReview", spec, _TokenReview)
        status = review.status
        if not status.authenticated or status.user is None:
            return None
        user = status.user
        return Identity(user.username, user.uid, user.groups, tuple(user.extra.items()))

    async def _review_access(self, identity: Identity, access: _Access) -> bool | None:
        spec = {
            "user": identity.name,
            "uid": identity.uid,
            "groups": identity.groups,
            "extra": dict(identity.extra),
            "resourceAttributes": access._asdict(),
        }
        review = await self._create(
            Resource.SUBJECT_ACCESS_REVIEWS, "SubjectAccessReview", spec, _AccessReview
        )
        return review.status.allowed or None

    async def _create(
        self, resource: Resource, kind: str, spec: dict[str, Any], answer_type: type[ReviewT]
    ) -> ReviewT:
        review = {"apiVersion": resource.api_version, "kind": kind, "spec": spec}
        answer = await self._session.request(
            "POST", resource_path(resource), body=msgspec.json.encode(review)
        )
        return decoded(msgspec.json.Decoder(answer_type), answer)


def _weight(identity: Identity | None) -> int:
    if identity is None:
        return _ANSWER_BYTES
    texts = [identity.name, identity.uid, *identity.groups]
    for name, values in identity.extra:
        texts += [name, *values]
    # A character takes up to four bytes.
    return _ANSWER_BYTES + sum(_TEXT_BYTES + 4 * len(text) for text in texts)
