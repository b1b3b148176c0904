"""A client that does not take its answers is not waited for."""

import asyncio

import looptime
from prometheus_client import Counter
from uvicorn import Config
from uvicorn.server import ServerState

from crontask_api.server.door import ConnectionBounds, Door
from crontask_api.server.protocol import BoundedProtocol
from crontask_api.server.transport import LingeringTransport

BOUNDS = ConnectionBounds(
    connections=2,
    connections_per_address=2,
    head_bytes=1024,
    head_seconds=10,
    linger_bytes=1024,
    linger_seconds=30,
)
REFUSED = Counter("refused", "Refused.", ["reason"], registry=None)


class Pipe(asyncio.Transport):
    """A connection whose other end takes nothing."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.aborted_at: float | None = None

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Have none."""

    def abort(self) -> None:
        """Note when."""
        self.aborted_at = asyncio.get_running_loop().time()

    def close(self) -> None:
        """Wait for what was written to be taken, which is never."""

    def is_closing(self) -> bool:
        """Tell that it is open."""
        return self.aborted_at is not None


def protocol() -> BoundedProtocol:
    """Return a protocol of a server that has no application."""
    config = Config("x:y", interface="asgi3", ws="none", log_config=None)
    config.loaded, config.loaded_app, config.ws_protocol_class = True, None, None
    return BoundedProtocol(
        Door(BOUNDS, REFUSED), config=config, server_state=ServerState(), app_state={}
    )


def run(seconds: float, *, resume: bool) -> float | None:
    """Return when a connection was aborted that could not be written to for `seconds`."""

    async def story() -> float | None:
        pipe, ours = Pipe(), protocol()
        ours.connection_made(pipe)
        ours.data_received(b"GET / HTTP/1.1\r\n")
        ours._stop_timer()
        ours.pause_writing()
        await asyncio.sleep(seconds)
        if resume:
            ours.resume_writing()
            await asyncio.sleep(60)
        return pipe.aborted_at

    with asyncio.Runner(loop_factory=lambda: looptime.new_event_loop(noop_cycles=0)) as runner:
        return runner.run(story())


def test_a_client_has_its_time_to_take_an_answer() -> None:
    assert run(29, resume=True) is None
    assert run(31, resume=False) == BOUNDS.linger_seconds


def test_a_close_ends_though_nothing_is_taken() -> None:
    async def story() -> float | None:
        pipe = Pipe()
        transport = LingeringTransport(pipe, lambda: False, 30)
        transport.close()
        await asyncio.sleep(31)
        return pipe.aborted_at

    with asyncio.Runner(loop_factory=lambda: looptime.new_event_loop(noop_cycles=0)) as runner:
        assert runner.run(story()) == 30


def test_the_door_counts_in_all_and_by_address() -> None:
    door = Door(
        ConnectionBounds(
            connections=3,
            connections_per_address=2,
            head_bytes=1,
            head_seconds=1,
            linger_bytes=1,
            linger_seconds=1,
        ),
        REFUSED,
    )
    assert [door.enter("a"), door.enter("a"), door.enter("a")] == [True, True, False]
    assert [door.enter("b"), door.enter("c")] == [True, False]
    door.leave("a")
    assert door.enter("c")
