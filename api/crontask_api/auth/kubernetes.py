"""The cluster's own tokens and RBAC: ``auth=kubernetes``.

A TokenReview tells who sent the token, and `ClusterRights` what that client may do.
"""

import hashlib
from typing import Any

import msgspec

from crontask_api.auth.authenticator import Evidence, Identity, bearer_token, unauthorized
from crontask_api.auth.reviews import Reviews
from crontask_api.auth.rights import ClusterRights, weight
from crontask_api.kube.session import RetryingSession
from crontask_kube.paths import Resource


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


class KubernetesAuthenticator(ClusterRights):
    """Admits whom the cluster knows, to what its RBAC allows.

    Parameters
    ----------
    session
        The facade's own connection; it needs the role ``system:auth-delegator``.
    audience
        For whom tokens must have been issued; empty for the API server's own audience.
    """

    def __init__(self, session: RetryingSession, *, audience: str = "") -> None:
        super().__init__(session)
        self._audience = audience
        self._identities = Reviews[bytes, Identity](weigh=lambda _, identity: weight(identity))

    async def authenticate(self, evidence: Evidence) -> Identity:
        """Return the user of the token."""
        token = bearer_token(evidence.authorization)
        # Memory holds no token for longer than its request.
        key = hashlib.sha256(token.encode(errors="surrogateescape")).digest()
        identity = await self._identities.get(
            key, lambda: self._review_token(token), asker=evidence.address
        )
        if identity is None:
            raise unauthorized("the cluster does not accept the token")
        return identity

    async def _review_token(self, token: str) -> Identity | None:
        spec: dict[str, Any] = {"token": token}
        if self._audience:
            spec["audiences"] = [self._audience]
        review = await self._review(Resource.TOKEN_REVIEWS, "TokenReview", spec, _TokenReview)
        status = review.status
        if not status.authenticated or status.user is None:
            return None
        user = status.user
        return Identity(user.username, user.uid, user.groups, tuple(user.extra.items()))
