"""What is read from a Lease, and what is written."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from crontask_operator.ownership.record import (
    Lease,
    LeaseKind,
    LeaseRecord,
    member_name,
    shard_name,
)

NOON = datetime(2030, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
LATER = datetime(2030, 1, 1, 12, 0, 5, 123456, tzinfo=UTC)

NAMED = {"name": "x", "resourceVersion": "1"}

HELD = LeaseRecord(
    name="crontask-operator-3",
    kind=LeaseKind.SHARD,
    holder="a",
    duration_seconds=15,
    acquire_time=NOON,
    renew_time=LATER,
    transitions=7,
    flushed_through="",
    shards=16,
    resource_version="42",
)


def parsed(lease: dict[str, Any]) -> LeaseRecord:
    return LeaseRecord.parse(msgspec.json.decode(msgspec.json.encode(lease), type=Lease))


def test_what_is_written_is_read_back() -> None:
    assert parsed(HELD.render()) == HELD


def test_a_lease_is_found_by_kubectl_under_its_label() -> None:
    assert HELD.render()["metadata"]["labels"] == {
        "crontask.dev/lease": "shard",
        "app.kubernetes.io/managed-by": "crontask-operator",
    }


@pytest.mark.parametrize(
    "lease",
    [
        {"metadata": NAMED},
        {"metadata": NAMED, "spec": {}},
        {"metadata": {**NAMED, "annotations": {"crontask.dev/shards": "many"}}},
    ],
    ids=["no spec", "an empty spec", "nonsense"],
)
def test_a_lease_made_by_hand_counts_as_free(lease: dict[str, Any]) -> None:
    assert parsed(lease) == LeaseRecord("x", LeaseKind.SHARD, resource_version="1")


def test_a_renewal_keeps_the_time_of_acquisition_and_the_count() -> None:
    record = HELD.claimed("a", seconds=15, shards=16, now=LATER)

    assert (record.acquire_time, record.renew_time, record.transitions) == (NOON, LATER, 7)


def test_a_change_of_hands_is_counted() -> None:
    record = HELD.claimed("b", seconds=20, shards=4, now=LATER)

    assert (record.holder, record.transitions, record.acquire_time) == ("b", 8, LATER)
    assert (record.duration_seconds, record.shards) == (20, 4)


def test_the_first_holder_is_no_change_of_hands() -> None:
    free = LeaseRecord("crontask-operator-3", LeaseKind.SHARD, resource_version="1")

    assert free.claimed("a", seconds=15, shards=1, now=NOON).transitions == 0


def test_a_release_tells_what_was_flushed_until_somebody_takes_over() -> None:
    released = HELD.released("999")

    assert (released.holder, released.flushed_through) == ("", "999")
    assert released.renew_time == LATER
    assert released.claimed("b", seconds=15, shards=16, now=LATER).flushed_through == ""


def test_a_whole_second_is_written_with_a_fraction() -> None:
    # Source: the API server refuses a MicroTime that has not six digits of a second.
    whole = NOON.replace(microsecond=0)
    spec = HELD.claimed("b", seconds=15, shards=16, now=whole).render()["spec"]

    assert spec["renewTime"] == spec["acquireTime"] == "2030-01-01T12:00:00.000000Z"


def test_names_are_fit_for_kubernetes_whatever_the_identity() -> None:
    assert shard_name(12) == "crontask-operator-12"
    assert member_name("Pod_Nr.1" * 50) == member_name("Pod_Nr.1" * 50)
    assert member_name("a") != member_name("b")
    assert len(member_name("Pod_Nr.1" * 50)) <= 63
