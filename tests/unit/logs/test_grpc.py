"""What the operator logs of a gRPC server that writes what it likes."""

import logging
from collections.abc import Iterator

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from crontask_core.enums import Reason
from crontask_core.spec import ConfigMapKeyRef
from crontask_logs.line_writer import LINES
from crontask_operator.process.logs import configure_logging
from tests.support.hostile_grpc import service_file
from tests.support.http2_server import (
    END_HEADERS,
    END_STREAM,
    HEAD,
    HEADERS,
    Stream,
    field_line,
    http2_server,
)
from tests.unit.callbacks.calls import calling
from tests.unit.callbacks.grpc.hostile_calls import calling_it


@pytest.fixture(autouse=True)
def _levels() -> Iterator[None]:
    """Put back the levels of grpcio's loggers."""
    loggers = [logging.getLogger(name) for name in ("grpc", "grpc._cython.cygrpc")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


async def test_a_status_that_is_no_text_writes_no_traceback(
    capfd: pytest.CaptureFixture[str],
) -> None:
    async def refuse(stream: Stream) -> None:
        status = field_line("grpc-status", "13") + field_line("grpc-message", "you sent %ff")
        stream.send(HEADERS, END_HEADERS | END_STREAM, HEAD + status)

    configure_logging("json", "info")
    types = FileDescriptorSet(file=[service_file()]).SerializeToString()
    async with calling() as caller, http2_server(refuse) as server:
        caller.config_maps["shop/types"] = {"s.pb": types}
        ref = ConfigMapKeyRef(name="types", key="s.pb")
        result = await caller(calling_it(server.address, ref=ref))
    assert (result.reason, result.code) == (Reason.GRPC_ERROR, 13)
    LINES.flush()
    assert "".join(capfd.readouterr()) == ""
