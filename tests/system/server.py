"""The real thing: gunicorn with two workers, driven over HTTP by the stand-in carrier."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from ivr.carrier import Phone
from tests.line import ROOT, TOKEN

CALLER = "+12025550142"
LINE = "+18005550199"


@dataclass
class Server:
    """A running line. `log` is where its standard error goes."""

    url: str
    ledger: Path
    log: Path
    process: "subprocess.Popen[bytes]"

    def ring(self, caller: str = CALLER) -> Phone:
        """A telephone that has dialled the line."""
        phone = Phone(f"{self.url}/voice", TOKEN, caller, LINE, datetime.now(UTC).date())
        phone.dial()
        return phone

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill_workers(self) -> None:
        """SIGKILL, as a machine out of memory would; gunicorn starts new ones."""
        for pid in self.workers():
            os.kill(pid, signal.SIGKILL)


@contextmanager
def serving(database_url: str, folder: Path, times: str = "") -> Iterator[Server]:
    """gunicorn with two workers on a free port, gone when the block ends."""
    port = _free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "SANDBOX_LEDGER": str(folder / "ledger.db"),
        "TWILIO_AUTH_TOKEN": TOKEN,
        "IVR_BIND": f"127.0.0.1:{port}",
        "IVR_TIMES": times,
        "WEB_CONCURRENCY": "2",
    }
    log = folder / "gunicorn.log"
    command = [sys.executable, "-m", "gunicorn", "ivr.wsgi:app"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    server = Server(f"http://127.0.0.1:{port}", folder / "ledger.db", log, process)
    try:
        wait_until_ready(server)
        yield server
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until_ready(server: Server) -> None:
    """Return once it answers; fail with its log where it never does."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with urlopen(f"{server.url}/readyz", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise AssertionError(server.log.read_text())
