"""One gunicorn worker of the line, or of the floor, with the settings that are shipped."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from bench.callers import TOKEN

ROOT = Path(__file__).parent.parent
START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A worker that is up. `accounts` are callable; the floor has none and ignores who calls."""

    name: str
    port: int
    accounts: int
    is_floor: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement: turns a second, and the median of a turn in milliseconds."""

    per_second: float
    median_ms: float
    turns: int


@contextmanager
def floor(folder: Path) -> Iterator[Server]:
    """The worker that answers a fixed string."""
    with _serving("bench.floor:app", folder, {}) as port:
        yield Server("floor", port, 1, is_floor=True)


@contextmanager
def line(name: str, folder: Path, url: str, accounts: int) -> Iterator[Server]:
    """The worker that answers calls, on the database at `url`."""
    with _serving("ivr.wsgi:app", folder, {"DATABASE_URL": url}) as port:
        yield Server(name, port, accounts)


def measure(server: Server, seconds: float, callers: int) -> Measured:
    """Have a client call a server. Raises `RuntimeError` where an answer was not the right one."""
    command = [sys.executable, "-m", "bench.client", *map(str, (server.port, seconds, callers))]
    command += [str(server.accounts), *(["floor"] if server.is_floor else [])]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=seconds + 60, check=False
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise RuntimeError(f"the client failed on {server.name}: {last[0]}")
    found = json.loads(done.stdout)
    if found["wrong"]:
        raise RuntimeError(f"{server.name} answered wrongly: {found['wrong'][0]}")
    return Measured(found["per_second"], found["median_ms"], found["turns"])


@contextmanager
def _serving(app: str, folder: Path, settings: dict[str, str]) -> Iterator[int]:
    port = _free_port()
    log = folder / f"{port}.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--log-level", "warning", app],
            cwd=ROOT,  # where gunicorn.conf.py is
            env=_environment(port, folder, settings),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_ready(server, port, log)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=START_SECONDS)


def _environment(port: int, folder: Path, settings: dict[str, str]) -> dict[str, str]:
    """Nothing of ours from outside, so that every bench measures the same line."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "IVR_BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": "1",
        "IVR_BOOK": str(ROOT),
        "SANDBOX_LEDGER": str(folder / f"{port}-ledger.db"),
        "TWILIO_AUTH_TOKEN": TOKEN,
        **settings,
    }


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_until_ready(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                return
        except (URLError, TimeoutError):
            time.sleep(0.05)
    last = log.read_text().strip().splitlines()[-1:] or ["it said nothing"]
    raise RuntimeError(f"a server did not start: {last[0]}")
