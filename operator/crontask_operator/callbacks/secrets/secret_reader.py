"""CachedSecretReader reads values of Secrets for calls, anew before a rotation matters."""

from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Final, Protocol

from crontask_operator.sharing.loading_cache import LAST_KNOWN_SECONDS, LoadingCache

SECRET_SECONDS: Final = 30.0
"""How long a Secret that was read is believed. A burst of a thousand runs then costs
one GET per Secret, and a rotated value is used half a minute later at most."""

MISSING_SECONDS: Final = 5.0
"""How long a Secret that could not be read is believed missing: a person who creates
it after the first failure should not have to wait for the effect."""

SECRETS_BYTES: Final = 16 * 1024 * 1024
"""Memory for the values of Secrets. Above it, the one is read again that was used least
recently by the namespace that has most."""

ENTRY_BYTES: Final = 256
"""What a Secret takes beside its data, about."""

LONGEST_VALUE: Final = 256 * 1024
"""Bytes of a value that is taken from a Secret. All certificate authorities that browsers
trust take fewer."""

GetSecret = Callable[[str, str], Awaitable[Mapping[str, bytes] | None]]
"""Returns the decoded ``data`` of the Secret (namespace, name), None if there is none.
May raise `SecretUnavailableError` with the reason, such as a forbidden read."""


class SecretUnavailableError(Exception):
    """A Secret or one of its keys does not exist, may not be read, or is no text.

    `unanswered` says that nobody told so: the question had no answer.
    """

    def __init__(self, message: str, *, unanswered: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.unanswered = unanswered


class SecretReader(Protocol):
    """Gives single values of Secrets."""

    async def read(self, namespace: str, name: str, key: str) -> str:
        """Return the value of `key` as text.

        Raises
        ------
        SecretUnavailableError
            With a sentence that names namespace, Secret and key, never a value.
        """


class CachedSecretReader:
    """Reads Secrets through `get`, each at most once in `SECRET_SECONDS`.

    While the API server is away, the last known values are used; see `LoadingCache`.
    """

    def __init__(self, get: GetSecret, *, clock: Callable[[], float] = monotonic) -> None:
        self._get = get
        self._cache = LoadingCache[tuple[str, str], Mapping[str, bytes] | SecretUnavailableError](
            self._load,
            _ttl,
            weigh=_weigh,
            limit=SECRETS_BYTES,
            outlast=lambda data: 0.0 if _is_unanswered(data) else LAST_KNOWN_SECONDS,
            unanswered=_is_unanswered,
            clock=clock,
        )

    async def read(self, namespace: str, name: str, key: str) -> str:
        """Return the value of `key`; see `SecretReader.read`."""
        data = await self._cache.get(namespace, (namespace, name))
        if isinstance(data, SecretUnavailableError):
            # A new exception for each who asks: a shared one would collect tracebacks.
            raise SecretUnavailableError(data.message)
        value = data.get(key)
        if value is None:
            raise SecretUnavailableError(f"Secret {namespace}/{name} has no key {key!r}")
        if len(value) > LONGEST_VALUE:
            raise SecretUnavailableError(
                f"key {key!r} of Secret {namespace}/{name} is longer than {LONGEST_VALUE} bytes"
            )
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise SecretUnavailableError(
                f"key {key!r} of Secret {namespace}/{name} is not UTF-8 text"
            ) from None

    async def close(self) -> None:
        """Stop what is being read."""
        await self._cache.close()

    async def _load(self, place: tuple[str, str]) -> Mapping[str, bytes] | SecretUnavailableError:
        namespace, name = place
        try:
            data = await self._get(namespace, name)
        except SecretUnavailableError as error:
            return error
        if data is None:
            return SecretUnavailableError(f"Secret {namespace}/{name} does not exist")
        # A value that is too long is kept only as far as shows that.
        return {key: value[: LONGEST_VALUE + 1] for key, value in data.items()}


def _ttl(data: Mapping[str, bytes] | SecretUnavailableError) -> float:
    return MISSING_SECONDS if isinstance(data, SecretUnavailableError) else SECRET_SECONDS


def _is_unanswered(data: Mapping[str, bytes] | SecretUnavailableError) -> bool:
    return isinstance(data, SecretUnavailableError) and data.unanswered


def _weigh(_: tuple[str, str], data: Mapping[str, bytes] | SecretUnavailableError) -> int:
    if isinstance(data, SecretUnavailableError):
        return ENTRY_BYTES + len(data.message)
    return ENTRY_BYTES + sum(len(key) + len(value) for key, value in data.items())
