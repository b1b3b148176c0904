"""hide_credentials takes what looks like a credential out of text, for every log line.

It knows the forms in which credentials travel: HTTP authorization, URLs, assignments,
JSON Web Tokens and private keys. A secret without such a form cannot be told from other
text, so messages of foreign exceptions are not logged at all; see `exceptions`.
"""

import re
from typing import Final

HIDDEN: Final = "[hidden]"

LONGEST: Final = 4096
"""Characters of one text that a log line repeats. It bounds the time as well: the
patterns look at most a fixed number of characters ahead."""

_HINT: Final = re.compile(
    r"://|@|=|eyJ|-----|[a-z]:|[\"']\s{0,4}:|bearer|basic|digest|negotiate", re.I
)
"""What a text has that any of the patterns below can match: most texts are done here."""

_SCHEME: Final = re.compile(
    r"\b(bearer|basic|digest|negotiate)(\s+|%20|\+)(?!TOKEN\b)(?:[^\s\"'<>,;\\]){1,4096}", re.I
)
_HEADER: Final = re.compile(
    r"\b((?:proxy-)?authorization|(?:set-)?cookie)"
    r"(\\?[\"']?\s{0,4}[:=]\s{0,4}+)(?!Bearer TOKEN\b)[^\r\n<>]{1,4096}",
    re.I,
)
_NAMES: Final = (
    r"pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key"
    r"|client[-_]?secret|credentials?|signature|sig"
)
_ASSIGNED: Final = re.compile(
    rf"((?:{_NAMES})(?:\\?[\"'])?\s{{0,4}}=\s{{0,4}}|(?:{_NAMES})\\?[\"']\s{{0,4}}:\s{{0,4}}"
    r"|(?:pass(?:word|wd|phrase)|pwd|api[-_]?key):\s{0,4})"
    r"(?:\\?\"[^\"]{0,4096}\"?|\\?'[^']{0,4096}'?|[^\s,;&\"'<>]{1,4096})",
    re.I,
)
_PARAMETER: Final = re.compile(r"([?&#;][\w.~%\[\]+-]{1,64}=)[^\s&;#\"'<>]{1,4096}")
_URL: Final = re.compile(r"(?<=://)[^\s\"'<>]{1,4096}")
_PAIR: Final = re.compile(r"\b([\w.+-]{1,64}):[^\s/@\"'<>]{1,64}@(?=[\w\[])")
_JSON_WEB_TOKEN: Final = re.compile(r"eyJ[\w-]{4,4096}(?:\.[\w-]{0,4096}){0,4}")
_PRIVATE_KEY: Final = re.compile(
    r"(-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----).{0,4096}?(?:-----END|\Z)", re.S
)


def hide_credentials(text: str) -> str:
    """Return `text`, at most `LONGEST` characters of it, without credentials."""
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}... [cut, {len(text)} characters in all]"
    if not _HINT.search(text):
        return text
    text = _PRIVATE_KEY.sub(rf"\1{HIDDEN}", text)
    text = _URL.sub(_without_userinfo, text)
    text = _PAIR.sub(rf"\1:{HIDDEN}@", text)
    text = _HEADER.sub(rf"\1\2{HIDDEN}", text)
    text = _SCHEME.sub(rf"\1\2{HIDDEN}", text)
    text = _JSON_WEB_TOKEN.sub(HIDDEN, text)
    text = _PARAMETER.sub(rf"\1{HIDDEN}", text)
    return _ASSIGNED.sub(rf"\1{HIDDEN}", text)


def _without_userinfo(match: re.Match[str]) -> str:
    rest = match[0]
    authority = re.match(r"[^/?#]*", rest)
    end = authority.end() if authority else 0
    at = rest.rfind("@", 0, end)
    _, colon, port = rest[:end].rpartition(":")
    if at < 0 and colon and not port.isdecimal() and not rest.startswith("["):
        # No port: a password with a slash in it, as people write them unquoted.
        at = rest.rfind("@")
    return rest if at < 0 else HIDDEN + rest[at:]
