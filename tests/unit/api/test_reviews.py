"""Answers about tokens and rights are kept, bounded, and shared fairly among askers."""

import asyncio
from typing import Any

import msgspec
import pytest

from crontask_api.auth.authenticator import Evidence, Identity, Verb
from crontask_api.auth.kubernetes import KubernetesAuthenticator
from crontask_api.auth.reviews import ASKED_AT_ONCE, KEPT_SECONDS, Reviews
from crontask_api.errors import RequestError

FLOOD = 8192
ATTACKER, CLIENT = "10.0.0.1", "10.0.0.2"


def _weightless(*_: object) -> int:
    return 0


class Cluster:
    """Knows one token and allows one namespace, and answers when `go` is set."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.waiting = 0
        self.go = asyncio.Event()
        self.go.set()

    async def request(self, method: str, path: str, *, body: bytes) -> bytes:
        """Answer a review."""
        spec: dict[str, Any] = msgspec.json.decode(body)["spec"]
        what = spec.get("token") or spec["resourceAttributes"]["namespace"]
        self.asked.append(what)
        self.waiting += 1
        await self.go.wait()
        self.waiting -= 1
        good = what in ("good", "other")
        status = {"authenticated": good, "allowed": good, "user": {"username": "ann"}}
        return msgspec.json.encode({"status": status})

    def authenticator(self) -> KubernetesAuthenticator:
        """Return an authenticator in front of this cluster."""
        session: Any = self
        return KubernetesAuthenticator(session)


async def _is_known(authenticator: KubernetesAuthenticator, token: str, address: str) -> bool:
    try:
        await authenticator.authenticate(Evidence(f"Bearer {token}", address))
    except RequestError:
        return False
    return True


async def test_tokens_that_nobody_gave_out_push_out_no_identity() -> None:
    cluster = Cluster()
    authenticator = cluster.authenticator()
    assert await _is_known(authenticator, "good", CLIENT)

    for number in range(FLOOD):
        assert not await _is_known(authenticator, f"bad-{number}", ATTACKER)
    assert await _is_known(authenticator, "good", CLIENT)

    assert cluster.asked.count("good") == 1


async def test_neither_do_rights_that_nobody_has() -> None:
    cluster = Cluster()
    authenticator, ann = cluster.authenticator(), Identity("ann")
    await authenticator.check_allowed(ann, Verb.GET, "good")

    for number in range(FLOOD):
        with pytest.raises(RequestError):
            await authenticator.check_allowed(ann, Verb.GET, f"bad-{number}")
    await authenticator.check_allowed(ann, Verb.GET, "good")

    assert cluster.asked.count("good") == 1


async def test_a_flood_of_tokens_waits_for_its_own_turns_alone() -> None:
    cluster = Cluster()
    authenticator = cluster.authenticator()
    cluster.go.clear()
    flood = [
        asyncio.create_task(_is_known(authenticator, f"bad-{number}", ATTACKER))
        for number in range(500)
    ]
    await asyncio.sleep(0)
    for _ in range(5):
        await asyncio.sleep(0)
    assert cluster.waiting == ASKED_AT_ONCE

    other = asyncio.create_task(_is_known(authenticator, "other", CLIENT))
    for _ in range(5):
        await asyncio.sleep(0)
    assert cluster.asked[-1] == "other"
    cluster.go.set()

    assert await other
    assert not any(await asyncio.gather(*flood))
    assert len(cluster.asked) == 501


async def test_a_refused_token_is_asked_for_once_in_a_while() -> None:
    cluster = Cluster()
    authenticator = cluster.authenticator()

    for _ in range(20):
        assert not await _is_known(authenticator, "bad", ATTACKER)

    assert cluster.asked == ["bad"]


async def test_it_is_asked_once_until_the_answer_expires() -> None:
    now = 0.0
    asked: list[int] = []

    async def ask() -> int:
        asked.append(1)
        await asyncio.sleep(0)
        return len(asked)

    reviews = Reviews[str, int](weigh=_weightless, clock=lambda: now)

    assert await asyncio.gather(*(reviews.get("a", ask, asker="x") for _ in range(20))) == [1] * 20
    now = KEPT_SECONDS - 0.1
    assert await reviews.get("a", ask, asker="x") == 1
    now = KEPT_SECONDS
    assert await reviews.get("a", ask, asker="x") == 2


async def test_no_error_is_kept() -> None:
    answers = iter([None, 7])

    async def ask() -> int:
        answer = next(answers)
        if answer is None:
            raise ValueError("no")
        return answer

    reviews = Reviews[str, int](weigh=_weightless)

    with pytest.raises(ValueError, match="no"):
        await reviews.get("a", ask, asker="x")
    assert await reviews.get("a", ask, asker="x") == 7


async def test_a_caller_who_leaves_does_not_take_the_answer_from_others() -> None:
    go = asyncio.Event()

    async def ask() -> int:
        await go.wait()
        return 7

    reviews = Reviews[str, int](weigh=_weightless)
    first = asyncio.create_task(reviews.get("a", ask, asker="x"))
    second = asyncio.create_task(reviews.get("a", ask, asker="y"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    go.set()

    assert await second == 7
    assert first.cancelled()
