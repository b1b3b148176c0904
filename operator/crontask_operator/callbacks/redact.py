"""Keeping the values of Secrets out of records, wherever a target puts them.

A target may answer with what it was sent, and a record would then show it to everyone
who may read CronTasks.
"""

import json
from typing import Final
from urllib.parse import quote

MARK: Final = "[redacted]"

SHORTEST: Final = 4
"""Characters of the shortest value that is looked for. A shorter one is found in every
text by chance, and is guessed sooner than read."""


class Redactor:
    """Replaces secret values in texts. Without any, it costs nothing."""

    __slots__ = ("_needles",)

    def __init__(self) -> None:
        self._needles: list[str] = []

    def add(self, value: str) -> None:
        """Look for `value` from now on: as it is, and as JSON and URLs write it.

        Of a value such as ``Bearer TOKEN`` the last word is looked for as well.
        """
        forms = {
            form
            for text in (value, value.rpartition(" ")[2])
            for form in (text, json.dumps(text)[1:-1], quote(text, safe=""))
            if len(form) >= SHORTEST
        }
        # Longest first, or the end of a longer form would stay behind.
        self._needles = sorted({*self._needles, *forms}, key=len, reverse=True)

    def clean(self, text: str, *, cut: bool = False) -> str:
        """Return `text` without the values.

        `cut` says that `text` was cut at its end, maybe within a value.
        """
        for needle in self._needles:
            text = text.replace(needle, MARK)
        return self._clean_end(text) if cut else text

    def _clean_end(self, text: str) -> str:
        for needle in self._needles:
            for length in range(len(needle) - 1, SHORTEST - 1, -1):
                if text.endswith(needle[:length]):
                    return text[:-length] + MARK
        return text
