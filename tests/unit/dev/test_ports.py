"""Ports that are free when the server that is to have them starts."""

import socket

import pytest

from dev.ports import LOOPBACK, HeldPort, PortTakenError, check_free, free_port, is_free


def test_a_held_port_is_refused_to_others_but_shared_on_request() -> None:
    port = HeldPort()
    try:
        with pytest.raises(OSError, match="in use"):
            socket.create_server((LOOPBACK, port.number))
        # As a server does that is told to share, again and again.
        for _ in range(2):
            with socket.create_server((LOOPBACK, port.number), reuse_port=True) as server:
                socket.create_connection((LOOPBACK, port.number)).close()
                server.accept()[0].close()
    finally:
        port.close()

    assert is_free(port.number)


def test_a_held_port_answers_nobody() -> None:
    port = HeldPort()
    try:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((LOOPBACK, port.number))
    finally:
        port.close()


def test_a_free_port_can_be_listened_on() -> None:
    with socket.create_server((LOOPBACK, free_port())) as server:
        assert server.getsockname()[1] > 0


def test_free_ports_are_not_given_twice() -> None:
    ports = [free_port() for _ in range(200)]

    assert len(set(ports)) == len(ports)


def test_a_taken_port_is_named_with_the_variable_to_change() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"port {port} .* API_PORT="):
            check_free(port, "API_PORT")

    check_free(port, "API_PORT")
