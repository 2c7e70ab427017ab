"""The processes of a line: gunicorn, a reconciler, and Stripe where that is its gateway."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from faults.times import written
from tests.gateways.stripe_server import API_KEY

ROOT = Path(__file__).parent.parent
TOKEN = "a token for the faults"
PEPPER = "a pepper for the faults"
LEDGER, RECONCILER = "ledger.db", "reconciler"
"""Names in a line's folder: the sandbox's own file, and where the reconciler listens."""
WORKERS_LOG, RECONCILER_LOG, STRIPE_LOG = "gunicorn.log", "reconciler.log", "stripe.log"
TOOLS = {
    "worker.log": ("worker", "--once"),
    "reconcile.log": ("payments", "reconcile", "--json"),
    "export.log": ("payments", "export", "payments.csv"),
}
"""Commands of `ivr`, by where their output goes."""
START_SECONDS, STOP_SECONDS, POLL = 30.0, 5.0, 0.05


@contextmanager
def running(url: str, folder: Path, build: str, port: int, stripe: int) -> Iterator[None]:
    """All of a line's processes, up and ready; `stripe` is that gateway's port, or 0."""
    environ = environment(url, folder, build, port, stripe)
    with ExitStack() as cleanup:
        if stripe:
            command = ["-m", "faults.stripe_process", str(stripe)]
            cleanup.enter_context(_process(command, environ, folder / STRIPE_LOG))
        command = ["-m", "faults.reconciler", str(folder / RECONCILER)]
        cleanup.enter_context(_process(command, environ, folder / RECONCILER_LOG))
        command = ["-m", "gunicorn", "-c", "faults/serving.py", "faults.wsgi:app"]
        workers = cleanup.enter_context(_process(command, environ, folder / WORKERS_LOG))
        _wait_until_ready(f"http://127.0.0.1:{port}/readyz", workers, folder / WORKERS_LOG)
        _wait_until_there(folder / RECONCILER, folder / RECONCILER_LOG)
        yield


def environment(url: str, folder: Path, build: str, port: int, stripe: int) -> dict[str, str]:
    """The settings of a line, and what its harmed processes need to know."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    gateway = {
        "PAYMENT_GATEWAY": "stripe",
        "STRIPE_API_KEY": API_KEY,
        "STRIPE_API_URL": f"http://127.0.0.1:{stripe}",
    }
    return {
        **kept,
        **(gateway if stripe else {}),
        "DATABASE_URL": url,
        "SANDBOX_LEDGER": str(folder / LEDGER),
        "TWILIO_AUTH_TOKEN": TOKEN,
        "PIN_PEPPER": PEPPER,
        "IVR_BIND": f"127.0.0.1:{port}",
        "IVR_BOOK": str(ROOT),
        "IVR_TIMES": written(),
        "WEB_CONCURRENCY": "2",
        "FAULTS_CONTROL": str(folder / "control"),
        "FAULTS_BUILD": build,
    }


def run_tools(environ: Mapping[str, str], folder: Path) -> None:
    """What an operator runs on a line; what they print and write stays in its folder."""
    for name, arguments in TOOLS.items():
        with (folder / name).open("wb") as output:
            subprocess.run(
                [sys.executable, "-c", "from ivr.cli import main; main()", *arguments],
                cwd=folder,
                env={**environ, "PYTHONPATH": str(ROOT)},
                stdout=output,
                stderr=subprocess.STDOUT,
                check=True,
            )


@contextmanager
def _process(
    command: list[str], environ: Mapping[str, str], log: Path
) -> "Iterator[subprocess.Popen[bytes]]":
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=environ,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the driver, which ends its lines in order
        )
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End a process, and whatever of its session is left."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # its own session, begun above
        process.wait()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(POLL)
    raise RuntimeError(_did_not_start(log))


def _wait_until_there(file: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not file.exists():
        if time.monotonic() > deadline:
            raise RuntimeError(_did_not_start(log))
        time.sleep(POLL)


def _did_not_start(log: Path) -> str:
    last = log.read_text().strip().splitlines()[-1:] or ["it said nothing"]
    return f"a line did not start: {last[0]}"
