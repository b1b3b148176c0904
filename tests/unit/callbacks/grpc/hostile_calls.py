"""Making calls of hostile gRPC targets, and seeing that they do not keep the event loop.

`PAUSE_SECONDS` is CPU time of the loop's thread, in which the target runs as well.
"""

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from crontask_core.spec import ConfigMapKeyRef, GrpcCallback, Header, Tls
from crontask_operator.callbacks.base import CallResult
from tests.support.hostile_grpc import (
    METHOD,
    SERVICE,
    Answer,
    add_field,
    hostile_server,
    service_file,
)
from tests.support.loop_pauses import measured_pauses
from tests.unit.callbacks.calls import Caller

PAUSE_SECONDS = 0.25


def calling_it(
    address: str,
    body: str = "",
    *,
    ref: ConfigMapKeyRef | None = None,
    metadata: tuple[Header, ...] = (),
    tls: Tls | None = None,
) -> GrpcCallback:
    """Return a callback that calls the hostile method."""
    return GrpcCallback(
        address=address,
        service=SERVICE,
        method=METHOD,
        body=body,
        descriptor_set_ref=ref,
        metadata=metadata,
        tls=tls,
    )


async def outcome(caller: Caller, answer: Answer, reply: bytes = b"", body: str = "") -> CallResult:
    """Return how a call ends, and fail if it kept the loop."""
    async with hostile_server(answer, reply) as server, measured_pauses() as pauses:
        result = await caller(calling_it(server.address, body))
    assert pauses.longest < PAUSE_SECONDS
    return result


def file_with(type_name: str, *imports: str) -> FileDescriptorProto:
    """Return a file whose message A has one repeated field, of number 1."""
    file = service_file()
    file.dependency.extend(imports)
    add_field(file, 1, type_name)
    return file


def wide_file() -> FileDescriptorProto:
    """Return a file with a message of two bytes on the wire and 64 KiB in memory."""
    file = file_with(".Wide")
    wide = file.message_type.add(name="Wide")
    for number in range(1, 4001):
        wide.field.add(name=f"f{number}", number=number, type="TYPE_STRING")
    return file
