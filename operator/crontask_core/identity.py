"""identity computes identifiers of the object alone, for processes that must agree on them.

None of them needs to be stored before it is used: after a crash the successor
derives the same value, which is what makes at-least-once delivery recognisable.
"""

import hashlib
from datetime import datetime

from crontask_core.times import rfc3339

MAX_REQUEST_LENGTH = 128
"""Characters of a run request that are kept as they are. The facade's have 41."""

TASK_ID_BITS = 53
"""Bits of a task id: the largest integer which JSON readers in every language keep."""


def task_id(name: str) -> int:
    """Return the id of the facade task called `name`, also its ``metadata.name``.

    Source: ``docs/design/facade-identity.md``. 53 bits of BLAKE2b collide with a
    probability of about 1e-7 for 40,000 names; the facade compares ``spec.taskName``
    before it trusts a match.
    """
    digest = hashlib.blake2b(name.encode(), digest_size=8, person=b"crontask.id").digest()
    return int.from_bytes(digest, "big") >> (64 - TASK_ID_BITS)


def scheduled_execution_id(uid: str, scheduled_time: datetime) -> str:
    """Return the id of the run of object `uid` that is due at `scheduled_time`."""
    return _execution_id(uid, rfc3339(scheduled_time))


def manual_execution_id(uid: str, request: str) -> str:
    """Return the id of the run which the run-now annotation's value `request` asks for."""
    return _execution_id(uid, f"manual:{request}")


def request_mark(request: str) -> str:
    """Return what a status keeps of the run-now annotation's value `request`.

    That is the value itself, or the digest of one that is longer than a person or a
    program would write: it may have as much as all annotations together, 256 KiB. The mark
    of a mark is the same mark.
    """
    if len(request) <= MAX_REQUEST_LENGTH:
        return request
    return f"sha256:{hashlib.sha256(request.encode('utf-8', 'replace')).hexdigest()}"


def _execution_id(uid: str, what: str) -> str:
    # 128 bits, printed as 32 hexadecimal digits: as unique as a UUID, cheaper to make.
    return hashlib.blake2b(
        f"{uid}\0{what}".encode(), digest_size=16, person=b"crontask.run"
    ).hexdigest()


def shard_of(uid: str, shards: int) -> int:
    """Return the shard, ``0 <= shard < shards``, which the object `uid` belongs to."""
    if shards == 1:
        return 0
    return stable_hash(uid) % shards


def stable_hash(text: str) -> int:
    """Return a 32-bit hash of `text` that is the same in every process and version."""
    digest = hashlib.blake2b(text.encode(), digest_size=4, person=b"crontask.h").digest()
    return int.from_bytes(digest, "big")
