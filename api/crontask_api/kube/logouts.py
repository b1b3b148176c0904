"""ConfigMapBook keeps for all replicas who logged out everywhere, and when.

The ConfigMap is made by the chart, so that the facade needs rights to this one name alone. It
holds a digest of each name and a moment, so nobody learns from it who uses the console.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from crontask_api.kube.session import RetryingSession
from crontask_kube.errors import NotFoundError, decoded
from crontask_kube.paths import Resource, resource_path
from crontask_kube.session import MERGE_PATCH

MOST_DIGITS: Final = 12
"""Of a moment in whole seconds: anything longer was written by somebody else."""

_ENCODER: Final = msgspec.json.Encoder()


class _ConfigMap(msgspec.Struct):
    data: dict[str, str] = {}


_DECODER: Final = msgspec.json.Decoder(_ConfigMap)


class ConfigMapBook:
    """Moments in seconds since the epoch, by digest of a name, in a ConfigMap.

    Both methods raise an ``ApiError`` if the API server refuses or is away.
    """

    def __init__(self, session: RetryingSession, namespace: str, name: str) -> None:
        self._session = session
        self._path = resource_path(Resource.CONFIG_MAPS, namespace, name)

    async def read(self) -> Mapping[str, int]:
        """Return what is in it; nothing if somebody has deleted it."""
        try:
            return _moments(await self._session.request("GET", self._path))
        except NotFoundError:
            return {}

    async def write(self, changes: Mapping[str, int | None]) -> Mapping[str, int]:
        """Put moments in, and take those out that are None; return what is in it then.

        Others' are left alone, so two replicas may write at once.

        Raises
        ------
        NotFoundError
            If somebody has deleted it: the facade may not make one.
        """
        data = {key: None if moment is None else str(moment) for key, moment in changes.items()}
        body = _ENCODER.encode({"data": data})
        answer = await self._session.request(
            "PATCH", self._path, body=body, content_type=MERGE_PATCH
        )
        return _moments(answer)


def _moments(answer: bytes) -> Mapping[str, int]:
    data = decoded(_DECODER, answer).data
    return {
        key: int(text)
        for key, text in data.items()
        if len(text) <= MOST_DIGITS and text.isascii() and text.isdecimal()
    }
