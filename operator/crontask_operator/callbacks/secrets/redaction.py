"""redaction keeps values of Secrets out of records, wherever a target puts them.

A target may answer with what it was sent, and a record would then show it to everyone
who may read CronTasks. This guards against accidents: a value is found in the spellings
that common encoders make of it (JSON, HTML, URLs, base64), not in spellings
that a target invents.
"""

import re
from base64 import b64decode, b64encode
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from crontask_operator.callbacks.secrets.spellings import Reading, decoded, ends, readings

MARK: Final = "[redacted]"

SHORTEST: Final = 4
"""Characters of the shortest value that is looked for. A shorter one is found in every
text by chance, and is guessed sooner than read."""

SHORTEST_PART: Final = 8
"""The same of a part of a value, which may well be a common word."""

PARTS: Final = 8
"""Parts of a value, such as its cookies, that are looked for by themselves."""

_SEPARATORS: Final = re.compile(r"[\s;,]+")
_URL_ALPHABET: Final = bytes.maketrans(b"+/", b"-_")

_GAP: Final = "\x00"
_LINEAR_FROM: Final = 30_000
"""`str.find` takes time in proportion to the text alone if the text has this length;
in a shorter one it may take the product of text and needle for a long needle."""
_HEAD: Final = 16
"""Characters of a needle that are looked for first. Most needles are in no text."""


class Redactor:
    """Replaces secret values in texts. Without any, it costs nothing."""

    __slots__ = ("_needles", "_values")

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._needles: list[str] | None = None

    def add(self, value: str) -> None:
        """Look for `value` from now on, and for its parts that are secret by themselves.

        Of ``Bearer TOKEN`` that is the last word, of ``Basic PAIR`` the decoded pair and
        its password, of cookies each value.
        """
        self._values.add(value)
        self._needles = None

    def clean(self, text: str, *, cut: bool = False) -> str:
        """Return `text` without the values.

        Its time grows with `text` and with the values, not with their product. Give it no
        more than is kept.

        Parameters
        ----------
        text
            What may hold values.
        cut
            Whether `text` was cut at its end, maybe within a value.
        """
        if not (text and self._values):
            return text
        if self._needles is None:
            self._needles = list(_needles(self._values))
        if not self._needles:
            return text
        views = readings(text)
        spans = list(_found(views, self._needles))
        if cut:
            spans += [(start, len(text)) for start in _cut(views, self._needles)]
        return _without(text, spans) if spans else text


def _needles(values: set[str]) -> set[str]:
    secrets = {secret for value in values for secret in _secrets(value)}
    forms = secrets.union(form for secret in secrets for form in _base64(secret))
    # A value that looks like a spelling itself is found as what a decoder makes of it.
    forms.update([decoded(form) for form in forms])
    return {form for form in forms if len(form) >= SHORTEST}


def _secrets(value: str) -> Iterator[str]:
    yield value
    scheme, _, credentials = value.rpartition(" ")
    yield credentials
    if scheme.strip().lower() == "basic":
        pair = _pair(credentials)
        yield pair
        yield pair.partition(":")[2]
    for part in _SEPARATORS.split(value, maxsplit=PARTS)[:PARTS]:
        for secret in (part, part.partition("=")[2].strip('"')):
            if len(secret) >= SHORTEST_PART:
                yield secret


def _pair(credentials: str) -> str:
    """Return the ``user:password`` of Basic credentials, or nothing."""
    try:
        return b64decode(credentials + "==").decode()
    except ValueError:
        return ""


def _base64(secret: str) -> Iterator[str]:
    """Yield what is sure to be in the base64 of any text that holds `secret`."""
    data = secret.encode("utf-8", "replace")
    for before, unsure in ((0, 0), (1, 2), (2, 3)):
        # Characters at both ends that share bytes with others are left out.
        sure = b64encode(bytes(before) + data)[unsure : (before + len(data)) * 8 // 6]
        yield sure.decode()
        yield sure.translate(_URL_ALPHABET).decode()


def _found(views: list[Reading], needles: list[str]) -> Iterator[tuple[int, int]]:
    """Yield from where to where in the original a needle stands in any of the views."""
    begins = list(accumulate((len(view.text) + 1 for view in views), initial=0))
    # All at once: a search costs most when it begins.
    everything = _GAP.join(view.text for view in views)
    likely = [needle for needle in needles if needle[:_HEAD] in everything]
    if likely:
        everything = everything.ljust(_LINEAR_FROM, _GAP)
    for needle in likely:
        at = everything.find(needle)
        while at >= 0:
            index = bisect_right(begins, at) - 1
            start, end = at - begins[index], at - begins[index] + len(needle)
            if index < len(views) and end <= len(views[index].text):
                yield views[index].starts[start], views[index].starts[end]
            at = everything.find(needle, at + len(needle))


def _cut(views: list[Reading], needles: list[str]) -> Iterator[int]:
    """Yield from where in the original on a view ends with the beginning of a needle."""
    for text, starts in views:
        for end in ends(text):
            for needle in needles:
                start = _overlap(text[max(0, end - len(needle) + 1) : end], needle)
                if start:
                    yield starts[end - start]


def _overlap(tail: str, needle: str) -> int:
    """Return how many characters at the end of `tail` `needle` begins with, at most."""
    head = needle[:SHORTEST]
    at = tail.find(head)
    while at >= 0:
        if needle[len(tail) - at - 1] == tail[-1] and needle.startswith(tail[at:]):
            return len(tail) - at
        at = tail.find(head, at + 1)
    return 0


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    spans.sort()
    parts: list[str] = []
    done = 0
    for start, end in spans:
        if start >= done:
            parts += (text[done:start], MARK)
        # What overlaps with the one before was taken out with that.
        done = max(done, end)
    return "".join([*parts, text[done:]])
