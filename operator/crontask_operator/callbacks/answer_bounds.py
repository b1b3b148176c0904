"""answer_bounds says how much of an answer is read and recorded, for both protocols."""

from typing import Final

RESPONSE_CAP_BYTES: Final = 1024 * 1024
"""Default bound of what is read of an answer, in bytes after decompression."""


def kept_bytes(record_bytes: int) -> int:
    """Return how much of an answer's text is kept for a record of `record_bytes` bytes.

    It is more than that, since redaction makes most texts shorter.
    """
    return 2 * record_bytes + 2048
