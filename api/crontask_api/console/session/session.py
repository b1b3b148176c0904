"""Session is what the console remembers of a person between two requests, in their cookie.

The token is in it, encrypted: with each request the facade asks again whether it is still
good for anything, so that a token which is revoked ends its sessions. Nothing is kept in the
facade, and so a session holds over restarts and on every replica.
"""

import secrets
from typing import Final

import msgspec

from crontask_api.console.session.keys import Keys

COOKIE: Final = "crontask_console"
PATH: Final = "/console"

MOST_COOKIE_BYTES: Final = 4000
"""What browsers keep of a cookie is 4096 bytes, with its name and attributes."""

RENEWED_SHARE: Final = 20
"""A session is sealed anew when this part of its idle time has passed, not every time."""

_ENCODER: Final = msgspec.json.Encoder()


class Session(msgspec.Struct, frozen=True):
    """One login, or a visit without one."""

    id: str
    began: int
    """Seconds since the epoch."""
    token: str = ""
    """The bearer token; empty before a login and where there is none."""


class TooLongError(ValueError):
    """The token is longer than a cookie can hold."""


_DECODER: Final = msgspec.json.Decoder(Session)


class Sessions:
    """Opens and seals sessions.

    Parameters
    ----------
    idle_seconds
        A session ends so long after the last thing that its holder did.
    most_seconds
        It ends so long after the login in any case.
    """

    def __init__(self, keys: Keys, *, idle_seconds: int, most_seconds: int) -> None:
        self._keys = keys
        self._idle_seconds = idle_seconds
        self._most_seconds = most_seconds

    def begin(self, token: str, now: int) -> Session:
        """Return a new session."""
        return Session(id=secrets.token_urlsafe(16), began=now, token=token)

    def open(self, cookie: str, now: int) -> Session | None:
        """Return the session in `cookie`, None if there is none or it has ended."""
        data = self._keys.open(cookie, within_seconds=self._idle_seconds, now=now)
        if data is None:
            return None
        try:
            session = _DECODER.decode(data)
        except msgspec.MsgspecError:
            # Another version sealed it.
            return None
        return session if now < self.ends_at(session) else None

    def ends_at(self, session: Session) -> int:
        """Return when the session ends whatever its holder does."""
        return session.began + self._most_seconds

    def seal(self, session: Session, now: int) -> str:
        """Return the cookie's value.

        Raises
        ------
        TooLongError
            If its token is too long.
        """
        sealed = self._keys.seal(_ENCODER.encode(session), now)
        if len(sealed) > MOST_COOKIE_BYTES:
            raise TooLongError
        return sealed

    def is_due(self, cookie: str, now: int) -> bool:
        """Return whether a session that was opened is to be sealed anew."""
        age = now - self._keys.sealed_at(cookie)
        return age * RENEWED_SHARE >= self._idle_seconds

    def form_mark(self, session: Session) -> str:
        """Return what a form must bring to show that this console made it for the session."""
        return self._keys.mark(session.id)

    def is_form_mark(self, mark: str, session: Session) -> bool:
        """Return whether a form brought that."""
        return self._keys.is_mark(mark, session.id)
