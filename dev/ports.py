"""Loopback ports that are still free when the server that is to have them starts."""

import errno
import socket

from dev.errors import DevError

LOOPBACK = "127.0.0.1"


class HeldPort:
    """A port that stays ours for as long as this object is open.

    The socket is bound but does not listen, so it receives nothing. A server of the
    same user may bind the port beside it if it too sets ``SO_REUSEPORT``, as often as
    it likes; nobody else can, not even while the server is stopped.
    """

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._socket.bind((LOOPBACK, 0))
        self.number: int = self._socket.getsockname()[1]

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


def free_port() -> int:
    """Return a port which the kernel gives to nobody else for the next minute.

    For servers that cannot share a port: one connection is made over it and closed on
    the server's side, and while that lingers in TIME_WAIT the kernel does not choose
    the port by itself, though a server that asks for it with ``SO_REUSEADDR`` (all do
    on these systems) gets it.
    """
    with socket.socket() as server, socket.socket() as client:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((LOOPBACK, 0))
        server.listen(1)
        client.connect(server.getsockname())
        accepted, _ = server.accept()
        # Whoever closes first is left with TIME_WAIT.
        accepted.close()
        port: int = server.getsockname()[1]
        return port


class PortTakenError(DevError):
    """A port that was asked for by number belongs to another program."""

    def __init__(self, port: int, variable: str) -> None:
        super().__init__(
            f"port {port} on {LOOPBACK} is taken by another program; "
            f"end that one, or choose another port with {variable}=..."
        )


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` now."""
    try:
        with socket.create_server((LOOPBACK, port)):
            return True
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return False


def check_free(port: int, variable: str) -> None:
    """Check that `port`, set by the environment's `variable`, can be listened on.

    Raises
    ------
    PortTakenError
        If another program has it.
    """
    if not is_free(port):
        raise PortTakenError(port, variable)
