"""Replies that are much work, or none that can be used."""

import random
from collections.abc import AsyncIterator

import pytest
from google.protobuf.any_pb2 import Any
from google.protobuf.descriptor_pb2 import (
    FileDescriptorProto,
)

from crontask_core.enums import Reason
from crontask_core.spec import Expect
from crontask_operator.callbacks.grpc.channel_widths import MAX_MESSAGE_BYTES
from tests.support.hostile_grpc import answer_files, delimited, hostile_server
from tests.support.loop_pauses import measured_pauses
from tests.unit.callbacks.calls import Caller, calling
from tests.unit.callbacks.grpc.hostile_calls import (
    PAUSE_SECONDS,
    calling_it,
    file_with,
    outcome,
    wide_file,
)


def any_of(type_name: str, value: bytes) -> bytes:
    """Return an Any that holds `value`."""
    return Any(type_url=f"type.googleapis.com/{type_name}", value=value).SerializeToString()


def any_in_any(depth: int, value: bytes = b"") -> bytes:
    """Return an Any that holds an Any and so on, the last of them `value`."""
    for _ in range(depth):
        value = any_of("google.protobuf.Any", value)
    return value


ANY = ("google/protobuf/any.proto",)
TIMESTAMP = ("google/protobuf/timestamp.proto",)
EMPTY = b"\x0a\x00"


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    """A client that takes replies as long as any setting allows."""
    async with calling(cap=MAX_MESSAGE_BYTES) as running:
        yield running


class TestReplies:
    """Replies that are much work, or none that can be used."""

    @pytest.mark.parametrize(
        ("file", "reply", "problem"),
        [
            (file_with(".A"), EMPTY * 2_000_000, "holds more than 40000 values"),
            (file_with("TYPE_INT32"), b"\x08\x01" * 2_000_000, "holds more than 40000 values"),
            (
                file_with("TYPE_INT32"),
                delimited(1, b"\x01" * 4_000_000),
                "holds more than 40000 values",
            ),
            (
                file_with(".google.protobuf.Timestamp", *TIMESTAMP),
                EMPTY * 2_000_000,
                "holds more than 40000 values",
            ),
            (
                file_with(".google.protobuf.Any", *ANY),
                delimited(1, any_of("A", EMPTY * 1_000_000)),
                "holds more than 40000 values",
            ),
            (
                file_with(".google.protobuf.Any", *ANY),
                delimited(1, any_in_any(30, delimited(9, b"x" * 4_000_000))),
                "takes more than 16384 KiB of memory",
            ),
            (wide_file(), EMPTY * 10_000, "takes more than 16384 KiB of memory"),
            (wide_file(), EMPTY * 300, "takes more than 16384 KiB of memory"),
        ],
        ids=["empty", "numbers", "packed", "times", "any", "copied any", "wide", "few wide"],
    )
    async def test_one_that_is_too_much_is_refused_before_it_is_parsed(
        self, caller: Caller, file: FileDescriptorProto, reply: bytes, problem: str
    ) -> None:
        result = await outcome(caller, answer_files([file]), reply)
        assert (result.reason, result.code) == (Reason.GRPC_ERROR, 8)
        assert result.error == f"RESOURCE_EXHAUSTED: the reply cannot be used: it {problem}"

    @pytest.mark.parametrize(
        ("file", "reply", "problem"),
        [
            (file_with("TYPE_INT32"), b"\xff\xff", "Error parsing message"),
            (file_with("TYPE_INT32"), b"\x0a", "Error parsing message"),
            (file_with("TYPE_INT32"), b"\x0f" * 9000, "a value is of the kind 7"),
            (file_with("TYPE_INT32"), delimited(9, b"x" * 9000)[:-1], "is longer than what"),
            (
                file_with(".google.protobuf.Any", *ANY),
                delimited(1, any_of("nobody.knows.It", b"\x08\x01")),
                "Can not find message descriptor by type_url: type.googleapis.com/nobody",
            ),
            (
                file_with(".google.protobuf.Any", *ANY),
                delimited(1, any_of("A", b"\xff")),
                "Error parsing message",
            ),
            (
                file_with(".google.protobuf.Any", *ANY),
                delimited(1, any_in_any(700)),
                "it is nested too deep",
            ),
            (
                file_with(".google.protobuf.Timestamp", *TIMESTAMP),
                delimited(1, b"\x08" + b"\xff" * 8 + b"\x7f"),
                "Timestamp is not valid",
            ),
        ],
        ids=[
            "garbage",
            "cut",
            "much garbage",
            "much cut",
            "unknown any",
            "garbage in any",
            "any in any",
            "bad time",
        ],
    )
    async def test_one_that_cannot_be_used_is_told_in_protobufs_words(
        self, caller: Caller, file: FileDescriptorProto, reply: bytes, problem: str
    ) -> None:
        result = await outcome(caller, answer_files([file]), reply)
        assert (result.reason, result.code) == (Reason.GRPC_ERROR, 13)
        assert result.error.startswith("INTERNAL: the reply cannot be used: ")
        assert problem in result.error
        assert len(result.error) <= 500

    async def test_one_that_is_nested_deep_is_told(self, caller: Caller) -> None:
        reply = b""
        for _ in range(5000):
            reply = delimited(1, reply)
        result = await outcome(caller, answer_files([file_with(".A")]), reply)
        assert (result.reason, result.code) == (Reason.GRPC_ERROR, 13)
        assert "Error parsing message" in result.error

    async def test_as_much_as_is_taken_does_not_keep_the_loop(self) -> None:
        file = file_with(".google.protobuf.Any", "google/protobuf/timestamp.proto", *ANY)
        moment = delimited(1, any_of("google.protobuf.Timestamp", b"\x08\x01"))
        # Its JSON is longer than that, though not the reply itself.
        async with calling(cap=200 * 1024) as caller:
            result = await outcome(caller, answer_files([file]), moment * 2600)
        assert result.ok, result.error
        assert result.truncated

    async def test_an_any_of_a_known_type_is_read(self, caller: Caller) -> None:
        file = file_with(".google.protobuf.Any", *ANY)
        reply = delimited(1, any_of("A", delimited(1, any_of("A", b""))))
        result = await outcome(caller, answer_files([file]), reply)
        inner = '{"@type": "type.googleapis.com/A"}'
        assert result.response == (
            f'{{"f1": [{{"@type": "type.googleapis.com/A", "f1": [{inner}]}}]}}'
        )


@pytest.mark.on_the_operators_loop
@pytest.mark.parametrize("expression", ["(?:a[ab]{0,60}){1,6}c", "a[ab]{200}c"])
async def test_an_expression_that_takes_long_does_not_keep_the_loop(expression: str) -> None:
    text = bytes(random.Random(1).choices(b"ab", k=256 * 1024))  # noqa: S311 - just noise
    answer = answer_files([file_with("TYPE_STRING")])
    async with (
        calling(cap=256 * 1024 + 64) as caller,
        hostile_server(answer, delimited(1, text)) as server,
        measured_pauses() as pauses,
    ):
        expect = Expect(body_regex=expression)
        result = await caller(calling_it(server.address), expect=expect)
    assert result.reason is Reason.BODY_MISMATCH
    assert pauses.longest < PAUSE_SECONDS
