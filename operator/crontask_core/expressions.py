"""Expressions compiles regular expressions, and keeps of them what memory there is for.

Their texts are the tenants', and what RE2 makes of a short text can be large: each is
bounded, and all together are. An expression that is not kept is compiled when it is next
needed, which takes about a millisecond at the most.
"""

from threading import Lock
from typing import Final, Protocol, cast

import re2  # type: ignore[import-untyped]

from crontask_core.errors import ExpectError
from crontask_core.fair_cache import FairCache
from crontask_core.truncate import quoted, truncate

EXPRESSION_BYTES: Final = 64 * 1024
"""Memory that RE2 may use for one expression: four thousand literal characters fit, as many
as ``bodyRegex`` may have, and a dozen classes such as ``\\\\pL``. What it remembers of texts
while it searches is bounded by this too."""

MOST_CHARACTERS: Final = 4096
"""Characters of an expression, as for ``bodyRegex``. RE2 reads a text to its end before it
finds that it takes too much memory, and four megabytes take a second."""

KEPT_BYTES: Final = 32 * 1024 * 1024
"""Memory for compiled expressions, about 2000 of usual size."""

SEARCH_BYTES: Final = 16 * 1024
INSTRUCTION_BYTES: Final = 16
"""What an expression takes, measured: for what it remembers while it searches, and for each
instruction that it was compiled to."""

FIELD: Final = "spec.expect.bodyRegex"

REASON_BYTES: Final = 128
"""Bytes of what RE2 complains of, which may repeat the expression."""


class Pattern(Protocol):
    """A compiled expression."""

    programsize: int

    def search(self, text: bytes | bytearray) -> object | None:
        """Return whether and where `text` matches."""


def compile_regex(regex: str) -> Pattern:
    """Return `regex`, compiled.

    Raises
    ------
    ExpectError
        If it is no RE2 expression, has more than `MOST_CHARACTERS`, or takes more than
        `EXPRESSION_BYTES`.
    """
    if len(regex) > MOST_CHARACTERS:
        most = f"expected at most {MOST_CHARACTERS} characters, got {len(regex)}"
        raise ExpectError(FIELD, f"{most}: {quoted(regex)}")
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = EXPRESSION_BYTES
    try:
        return cast(Pattern, re2.compile(regex.encode(), options))
    except UnicodeEncodeError as error:
        raise ExpectError(FIELD, f"expected Unicode text, got {quoted(regex)}") from error
    except re2.error as error:
        why = _reason(error)
        if "too large" in why:
            message = (
                f"expected a regular expression that takes at most {EXPRESSION_BYTES} bytes when "
                f"it is compiled, got {quoted(regex)}; repeat less, as in x{{1,20}}"
            )
        else:
            message = f"expected an RE2 regular expression, got {quoted(regex)}: {why}"
        raise ExpectError(FIELD, message) from error
    finally:
        # re2's own cache would keep the last 128, whichever tenant's they are.
        re2.purge()


class Expressions:
    """Compiled expressions by tenant, of at most `limit` bytes. Any thread may ask."""

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self._lock = Lock()
        self._kept = FairCache[str, Pattern](limit)

    @property
    def total_bytes(self) -> int:
        """What is kept takes, about."""
        return self._kept.total_bytes

    def bytes_of(self, tenant: str) -> int:
        """What is kept of one tenant takes, about."""
        return self._kept.bytes_of(tenant)

    def get(self, tenant: str, regex: str) -> Pattern:
        """Return `regex`, compiled and kept for `tenant`; raises as `compile_regex`."""
        with self._lock:
            pattern = self._kept.get(tenant, regex)
        if pattern is None:
            pattern = compile_regex(regex)
            size = SEARCH_BYTES + INSTRUCTION_BYTES * pattern.programsize + len(regex)
            with self._lock:
                self._kept.put(tenant, regex, pattern, size)
        return pattern

    def check(self, tenant: str, regex: str) -> None:
        """Raise as `compile_regex` if `regex` cannot be used; keep nothing new."""
        with self._lock:
            known = self._kept.get(tenant, regex) is not None
        if not known:
            compile_regex(regex)

    def drop(self, tenant: str, regex: str) -> None:
        """Keep `regex` no longer: the task that had it is gone. Others compile it anew."""
        with self._lock:
            self._kept.drop(tenant, regex)


EXPRESSIONS: Final = Expressions()
"""Those of this process."""


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return truncate(text, REASON_BYTES)
