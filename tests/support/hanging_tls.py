"""A target that speaks TLS and hangs, for tests of memory: ``python -m``, in its own process.

It writes its port, and serves until its input ends. The argument says where it hangs:
``certificate``, within a chain of certificates as long as OpenSSL takes one; ``answer``,
shortly before the end of a long answer.
"""

import asyncio
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import trustme

CHAIN_BYTES: Final = 100_000
RECORD_BYTES: Final = 16_000
ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 999_000


@contextmanager
def hanging_tls(where: str) -> Iterator[str]:
    """Give the URL of such a target for the length of the block."""
    argv = [sys.executable, "-m", __name__, where]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield f"https://127.0.0.1:{port}/"
        process.stdin.close()


def _part_of_a_chain() -> bytes:
    """Return a ServerHello of TLS 1.2, and nearly all of a chain of certificates."""
    hello = b"\x03\x03" + os.urandom(32) + b"\x00\xc0\x2f\x00" + b"\x00\x05\xff\x01\x00\x01\x00"
    chain = (CHAIN_BYTES - 3).to_bytes(3, "big") + bytes(CHAIN_BYTES - 4000)
    messages = b"\x02" + len(hello).to_bytes(3, "big") + hello
    messages += b"\x0b" + CHAIN_BYTES.to_bytes(3, "big") + chain
    records = []
    for start in range(0, len(messages), RECORD_BYTES):
        record = messages[start : start + RECORD_BYTES]
        records.append(b"\x16\x03\x03" + len(record).to_bytes(2, "big") + record)
    return b"".join(records)


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


async def _serve(where: str) -> None:
    data = _part_of_a_chain() if where == "certificate" else ANSWER

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read(4096)
            writer.write(data)
            await reader.read()
        writer.close()

    secured = None if where == "certificate" else _context()
    server = await asyncio.start_server(hang, "127.0.0.1", 0, backlog=1000, ssl=secured)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    # Whoever hangs is not waited for.
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
