"""A PostgreSQL server of the tests' own, with a password, that leaves nothing behind."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "s3cret@w/rd"  # with signs that a URL must encode
ENCODED = "s3cret%40w%2Frd"


@dataclass
class Server:
    """A running server."""

    folder: Path
    binaries: Path
    port: int
    user: str | None  # that runs it, where we may not ourselves

    def url(self, database: str = "postgres", password: str = ENCODED) -> str:
        return f"postgresql://explorer:{password}@127.0.0.1:{self.port}/{database}"

    def run(self, program: str, *words: str) -> None:
        command = [str(self.binaries / program), *words]
        done = subprocess.run(command, user=self.user, capture_output=True, cwd="/", text=True)
        assert done.returncode == 0, done.stderr + done.stdout

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} -c fsync=off"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-o", options, "-l", log, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "immediate", "stop")


def find_binaries() -> Path | None:
    """Where the server's programs are; None where none is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = shutil.which("initdb") or (str(found[-1]) if found else None)
    return Path(initdb).resolve().parent if initdb else None


@contextmanager
def running(binaries: Path) -> Iterator[Server]:
    """A new server in a folder of its own."""
    user = "postgres" if os.getuid() == 0 else None  # it refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="explorer-postgres-"))
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(folder, binaries, port, user)
    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    options = ("-U", "explorer", "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync")
    try:
        server.run("initdb", "-D", str(folder / "data"), *options)
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
