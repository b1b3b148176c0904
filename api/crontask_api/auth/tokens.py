"""Bearer tokens from files: ``auth=token``."""

import asyncio
import hmac
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from crontask_api.auth.authenticator import Evidence, Identity, Verb, bearer_token, unauthorized

RELOAD_SECONDS: Final = 1.0
"""Most seconds between the rotation of a token on disk and its effect."""

_log: Final = structlog.get_logger(__name__)


class TokensError(ValueError):
    """The tokens cannot be read, or there are none."""


@dataclass(frozen=True, slots=True)
class Token:
    """A secret, and the name under which its holder appears in the log."""

    name: str
    secret: bytes


def read_tokens(path: Path) -> tuple[Token, ...]:
    """Return the tokens of a folder with one file each, or of a file of ``name:token`` lines.

    In a file, blank lines and lines that begin with ``#`` are skipped.

    Raises
    ------
    TokensError
        If `path` cannot be read, if a line has no name, or if there is no token at all.
    """
    try:
        if path.is_dir():
            # A mounted Secret has hidden entries beside the keys, which kubelet swaps.
            files = sorted(file for file in path.iterdir() if not file.name.startswith("."))
            pairs = [(file.name, file.read_text(encoding="utf-8")) for file in files]
        else:
            pairs = _parse_lines(path)
    except OSError as error:
        raise TokensError(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        raise TokensError(f"{path}: expected UTF-8") from error
    tokens = tuple(Token(name, text.strip().encode()) for name, text in pairs if text.strip())
    if not tokens:
        raise TokensError(f"{path}: no token in it")
    return tokens


def _parse_lines(path: Path) -> list[tuple[str, str]]:
    pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            name, colon, secret = text.partition(":")
            if not (name and colon and secret):
                raise TokensError(f"{path}, line {number}: expected name:token")
            pairs.append((name, secret))
    return pairs


class TokenAuthenticator:
    """Admits the holders of the tokens in `path`, to everything.

    Raises
    ------
    TokensError
        If there is no usable token at the start. Later, what was read last stays in
        force until the files are right again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tokens = read_tokens(path)
        self._read_at = time.monotonic()

    async def authenticate(self, evidence: Evidence) -> Identity:
        """Return the name of the token's holder."""
        secret = bearer_token(evidence.authorization).encode(errors="surrogateescape")
        await self._reload()
        # All are compared, so that the time tells nothing about which one was near.
        found = [token for token in self._tokens if hmac.compare_digest(token.secret, secret)]
        if not found:
            raise unauthorized("the token is not known")
        return Identity(found[0].name)

    async def check_allowed(self, identity: Identity, verb: Verb, namespace: str) -> None:
        """Allow everything: a token names its holder, not rights."""

    async def may_read_secret(self, identity: Identity, namespace: str, name: str) -> bool:
        """Return False: a token of the facade gives no right in the cluster."""
        return False

    async def may_read_tasks(self, identity: Identity, namespace: str) -> bool:
        """Return False: a token of the facade gives no right in the cluster."""
        return False

    async def _reload(self) -> None:
        if time.monotonic() - self._read_at < RELOAD_SECONDS:
            return
        self._read_at = time.monotonic()
        try:
            self._tokens = await asyncio.to_thread(read_tokens, self._path)
        except TokensError as error:
            _log.warning("tokens not reloaded", error=str(error))
