"""TcpProxy carries TCP connections for tests of networks that fail without a word."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self

PIECE_BYTES = 64 * 1024


class TcpProxy:
    """Listens on loopback from ``with`` to the end of its block, and passes everything on.

    `silence` makes it keep connections open and carry nothing over them any more, as a
    firewall does that has forgotten them. `cut_off` does that to new ones as well, until
    `let_through`, as a network does that is parted.
    """

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._silent: set[socket.socket] = set()
        self._is_cut_off = False
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        number: int = self._listener.getsockname()[1]
        return number

    def __enter__(self) -> Self:
        self._spawn(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _end(self._listener)
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            for end in pair:
                _end(end)
        for thread in self._threads:
            thread.join()

    def silence(self) -> int:
        """Carry nothing more over the connections that are open now; return how many."""
        with self._lock:
            before = len(self._silent)
            self._silent.update(end for pair in self._pairs for end in pair)
            return (len(self._silent) - before) // 2

    def drop(self) -> int:
        """End the connections that are open now; return how many."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                _end(end)
        return len(pairs)

    def cut_off(self) -> None:
        """Carry nothing, over open and new connections, until `let_through`."""
        self._is_cut_off = True
        self.silence()

    def let_through(self) -> None:
        """Carry new connections again."""
        self._is_cut_off = False

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            with self._lock:
                self._pairs.append((client, server))
                if self._is_cut_off:
                    self._silent.update((client, server))
            self._spawn(partial(self._carry, client, server))
            self._spawn(partial(self._carry, server, client))

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while piece := source.recv(PIECE_BYTES):
                if source not in self._silent:
                    sink.sendall(piece)
        except OSError:
            pass
        # What a silent connection's end does is not told either.
        if source not in self._silent:
            _end(sink)

    def _spawn(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work)
        self._threads.append(thread)
        thread.start()


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
