"""Method speaks a unary method in JSON, for the callback that calls it."""

import re
from dataclasses import dataclass
from typing import Final, cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

from crontask_operator.callbacks.grpc.foreign import ForeignError, foreign
from crontask_operator.callbacks.grpc.wire_meter import (
    MalformedError,
    TooCostlyError,
    WireBounds,
    WireMeter,
)

BOUNDS: Final = WireBounds(effort=40_000, memory=16 * 1024 * 1024)
"""What a message may hold and take, either way: 40,000 numbers or texts, or 8,000 messages.
More would keep the event loop for longer than 0.25 s."""

SMALL_BYTES: Final = 8 * 1024
"""Replies up to this size hold too little to be measured first."""

_TEXT: Final = re.compile(r'"(?:[^"\\]+|\\.)*(?:"|\Z)', re.DOTALL)


class TooLargeReplyError(Exception):
    """A reply holds more than the operator reads; the message says what of."""


@dataclass(frozen=True, slots=True)
class Method:
    """A unary method and the means to speak it in JSON.

    `widest` is how many bytes the message of the schema takes that has the most fields.
    """

    path: str
    pool: DescriptorPool
    meter: WireMeter
    widest: int
    input_type: type[Message]
    output_type: type[Message]

    def request(self, body: str) -> bytes:
        """Return the request message that `body` describes; empty is an empty message.

        Raises
        ------
        ForeignError
            If `body` is no JSON, does not fit the message, or is too much; it names the field.
        """
        with foreign():
            message = self.input_type()
        if body.strip():
            self._check_values(body)
            with foreign():
                json_format.Parse(body, message, descriptor_pool=self.pool)
        with foreign():
            return message.SerializeToString()

    def reply(self, data: bytes) -> bytes:
        """Return a reply in the standard JSON mapping, on one line, in UTF-8.

        Raises
        ------
        TooLargeReplyError
            If it holds too much.
        ForeignError
            If it is no such message, or one that has no JSON.
        """
        if len(data) > SMALL_BYTES or len(data) * self.widest > BOUNDS.memory:
            self._check(data)
        with foreign():
            text = json_format.MessageToJson(
                self.output_type.FromString(data),
                indent=None,
                ensure_ascii=False,
                descriptor_pool=self.pool,
            )
            return text.encode()

    def _check(self, data: bytes) -> None:
        try:
            self.meter.check(data, cast(Descriptor, self.output_type.DESCRIPTOR), BOUNDS)
        except TooCostlyError as error:
            raise TooLargeReplyError(str(error)) from None
        except MalformedError as error:
            raise ForeignError(str(error)) from None

    def _check_values(self, body: str) -> None:
        values = _separators(body)
        if values > BOUNDS.effort:
            # Those within texts separate nothing.
            values = _separators(_TEXT.sub("", body))
        if values > BOUNDS.effort:
            raise ForeignError(f"it holds more than {BOUNDS.effort} values")
        if values * self.widest > BOUNDS.memory:
            raise ForeignError(f"it may take more than {BOUNDS.memory // 1024} KiB of memory")


def _separators(body: str) -> int:
    """Return how many values `body` holds at most."""
    return 1 + sum(map(body.count, "{[,"))
