"""ClusterRights has the cluster's RBAC decide what a client may do, for the authenticators.

A SubjectAccessReview tells whether RBAC allows the request, just as the API server would
decide for that client itself.
"""

from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from crontask_api.auth.authenticator import Identity, Verb
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

ReviewT = TypeVar("ReviewT", bound=msgspec.Struct)


class _Access(NamedTuple):
    """What a client wants to do, as RBAC sees it. An empty name stands for all."""

    verb: Verb
    group: str
    resource: str
    namespace: str
    name: str = ""


class _AccessStatus(msgspec.Struct):
    allowed: bool = False
    reason: str = ""


class _AccessReview(msgspec.Struct):
    status: _AccessStatus


class ClusterRights:
    """What RBAC allows.

    Parameters
    ----------
    session
        The facade's own connection; it needs to create SubjectAccessReviews.
    """

    def __init__(self, session: RetryingSession) -> None:
        self._session = session
        self._rights = Reviews[tuple[Identity, _Access], bool](weigh=lambda key, _: weight(key[0]))

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

    async def _review_access(self, identity: Identity, access: _Access) -> bool | None:
        spec = {
            "user": identity.name,
            "uid": identity.uid,
            "groups": identity.groups,
            "extra": dict(identity.extra),
            "resourceAttributes": access._asdict(),
        }
        review = await self._review(
            Resource.SUBJECT_ACCESS_REVIEWS, "SubjectAccessReview", spec, _AccessReview
        )
        return review.status.allowed or None

    async def _review(
        self, resource: Resource, kind: str, spec: dict[str, Any], answer_type: type[ReviewT]
    ) -> ReviewT:
        """Return the API server's answer to a review."""
        review = {"apiVersion": resource.api_version, "kind": kind, "spec": spec}
        answer = await self._session.request(
            "POST", resource_path(resource), body=msgspec.json.encode(review)
        )
        return decoded(msgspec.json.Decoder(answer_type), answer)


def weight(identity: Identity | None) -> int:
    """Return about how many bytes an answer takes that has `identity` in it."""
    if identity is None:
        return _ANSWER_BYTES
    texts = [identity.name, identity.uid, *identity.groups]
    for name, values in identity.extra:
        texts += [name, *values]
    # A character takes up to four bytes.
    return _ANSWER_BYTES + sum(_TEXT_BYTES + 4 * len(text) for text in texts)
