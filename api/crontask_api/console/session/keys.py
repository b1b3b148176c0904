"""Keys encrypts and signs sessions with keys from a file, for the cookies of the console.

Every replica reads the same file, and it outlives a restart, so sessions do too. Without a
file a key is made up, which is as good on a developer's machine.
"""

import base64
import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Final

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from crontask_api.settings import PREFIX

LEAST_CHARACTERS: Final = 32
"""Of a key: as random text, far more than can be guessed."""

_log: Final = structlog.get_logger(__name__)


class KeysError(ValueError):
    """The keys cannot be read, or one is too short."""


class Keys:
    """Seals texts with the first of `texts`, and opens what any of them sealed."""

    def __init__(self, texts: list[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derived(text, "session")) for text in texts])
        self._macs = [_derived(text, "form") for text in texts]

    def seal(self, data: bytes, now: int) -> str:
        """Return `data`, which nobody else can read or change, and when it was sealed.

        `now` is in whole seconds since the epoch.
        """
        return self._fernet.encrypt_at_time(data, now).decode()

    def open(self, sealed: str, *, within_seconds: int, now: int) -> bytes | None:
        """Return what was sealed, None if it was not by one of the keys or not so recently."""
        try:
            return self._fernet.decrypt_at_time(sealed.encode(), within_seconds, now)
        except (InvalidToken, UnicodeEncodeError):
            return None

    def sealed_at(self, sealed: str) -> int:
        """Return when it was sealed, in seconds since the epoch; of what could be opened."""
        return int(self._fernet.extract_timestamp(sealed.encode()))

    def mark(self, text: str) -> str:
        """Return what only this console can know of `text`."""
        return self._mark(self._macs[0], text)

    def is_mark(self, mark: str, text: str) -> bool:
        """Return whether `mark` is that of `text`, by any of the keys."""
        given = mark.encode("utf-8", "replace")
        return any(
            hmac.compare_digest(given, self._mark(each, text).encode()) for each in self._macs
        )

    @staticmethod
    def _mark(key: bytes, text: str) -> str:
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def read_keys(path: Path | None) -> Keys:
    """Return the keys in the file at `path`, one a line, the newest first.

    Without a path they are made up, and the sessions end with the process.

    Raises
    ------
    KeysError
        If the file cannot be read, holds no key, or one that is too short.
    """
    if path is None:
        _log.warning(
            "sessions end with this process, as no key is set", setting=f"{PREFIX}CONSOLE_KEY_PATH"
        )
        return Keys([secrets.token_urlsafe(LEAST_CHARACTERS)])
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KeysError(f"{path}: {type(error).__name__}: cannot be read") from error
    texts = [line.strip() for line in lines if line.strip()]
    if not texts or any(len(text) < LEAST_CHARACTERS for text in texts):
        raise KeysError(
            f"{path}: expected keys of at least {LEAST_CHARACTERS} characters, one a line"
        )
    return Keys(texts)


def _derived(text: str, purpose: str) -> bytes:
    # The text is random, so it needs no slow derivation; a purpose of its own for each use
    # keeps what is shown of one from telling anything of another.
    digest = hashlib.blake2b(text.encode(), digest_size=32, person=purpose.encode()).digest()
    return base64.urlsafe_b64encode(digest)
