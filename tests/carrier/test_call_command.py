"""`ivr call`, against a small line over real HTTP."""

import os
import pty
import socket
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from click.testing import CliRunner, Result

from ivr.carrier.signing import signature
from ivr.carrier.transport import post_over_http
from ivr.cli.phone import call

TOKEN = "the first token"
MENU = (
    b"<Response><Gather numDigits='1' action='/next'><Say>For balance, press 1.</Say></Gather>"
    b"</Response>"
)
PAGES = {
    "/voice": MENU,
    "/next": b"<Response><Say>You owe $84.20.</Say><Sing/></Response>",
    "/broken": b"<Response>",
    "/broken/status": b"<Response/>",
}


class _Line(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append(body)  # type: ignore[attr-defined] # the fixture gives it a list
        moved = self.path == "/moved"
        status = 302 if moved else 200 if self.path in PAGES else 204
        if self.path == "/refused":
            status = 403
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Location", "/voice")
        self.end_headers()
        self.wfile.write(PAGES.get(self.path, b""))

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def line() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Line)
    server.asked = []  # type: ignore[attr-defined] # what was posted
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", f"{TOKEN},the next")
    return tmp_path


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(call, arguments, input=typed)


def test_keys_are_played_and_the_call_is_printed(line: str) -> None:
    result = run(f"{line}/voice", "--keys", "1")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "   0.5 s  line    For balance, press 1.",
        "   3.2 s  you     1",
        "   3.7 s  line    You owe $84.20.",
        "The call took 6.7 s and 1 key press.",
    ]
    assert "warning 12200: <Sing> is not performed" in result.stderr


def test_without_keys_and_terminal_answers_are_read_from_input(line: str) -> None:
    result = run(f"{line}/voice", typed="\n")
    assert "(presses nothing)" not in result.stdout
    assert "(hangs up)" in result.stdout
    assert "You owe" in run(f"{line}/voice", typed="1\n").stdout


def test_a_call_is_recorded(line: str, elsewhere: Path) -> None:
    result = run(f"{line}/voice", "--from", "(202) 555-0143", "--keys", "1", "--record", "t.yaml")
    assert result.exit_code == 0
    written = yaml.safe_load((elsewhere / "t.yaml").read_text(encoding="utf-8"))
    rang, pressed = written["turns"][:2]
    assert (rang["call"], rang["line"]) == ("+12025550143", "+18005550199")
    assert pressed["press"] == "1"


def test_a_withheld_number_is_sent_as_the_vendor_does(line: str) -> None:
    assert run(f"{line}/voice", "--from", "anonymous", "--keys", "x").exit_code == 0


def test_a_recording_that_cannot_be_written_is_said_in_one_line(line: str) -> None:
    result = run(f"{line}/voice", "--keys", "x", "--record", "no/such/t.yaml")
    assert result.exit_code == 1
    assert result.stderr == "Error: cannot write no/such/t.yaml: No such file or directory\n"


@pytest.mark.parametrize("number", ["12", "hello", "+99999999999999999999"])
def test_what_is_no_number_is_said_in_one_line(number: str) -> None:
    result = run("http://127.0.0.1:1/voice", "--from", number)
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {number!r} is not a telephone number; write one like 202-555-0142, or anonymous\n"
    )


@pytest.mark.parametrize(
    "url",
    ["nonsense", "ftp://x", "http://127.0.0.1:99999", "http://127.0.0.1:0", "http:///voice",
     "http://[::1", "127.0.0.1:8000"],
)  # fmt: skip
def test_what_is_no_url_is_said_in_one_line(url: str) -> None:
    result = run(url, "--keys", "1")
    assert (result.exit_code, result.stderr) == (
        *(1, f'Error: "{url}" is no http URL; write one like http://127.0.0.1:8000/voice\n'),
    )


@pytest.mark.parametrize("path", ["", "/"])
def test_a_url_without_a_path_is_the_lines_webhook(line: str, path: str) -> None:
    assert "You owe $84.20." in run(f"{line}{path}", "--keys", "1").stdout


def test_a_line_that_is_not_there_is_said_in_one_line() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/voice"
    result = run(url, "--keys", "1")
    assert result.exit_code == 1
    assert result.stderr == f"Error: nothing answers at {url}; start it with make run\n"
    assert result.stdout == ""


def test_a_refused_signature_says_where_the_token_comes_from(line: str) -> None:
    result = run(f"{line}/refused", "--keys", "1")
    assert result.exit_code == 1
    assert "refused our signature (403)" in result.stderr
    assert "var/dev_token" in result.stderr
    assert TOKEN not in result.stderr


def test_without_a_token_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWILIO_AUTH_TOKEN")
    result = run("--keys", "1")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: no token to sign with: set TWILIO_AUTH_TOKEN")


def test_the_development_token_is_read_from_its_file(
    line: str, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TWILIO_AUTH_TOKEN")
    (elsewhere / "var").mkdir()
    (elsewhere / "var" / "dev_token").write_text("a dev token\n", encoding="utf-8")
    assert run(f"{line}/voice", "--keys", "1").exit_code == 0


def test_a_call_that_fails_is_exit_code_1(line: str) -> None:
    result = run(f"{line}/broken", "--keys", "1")
    assert result.exit_code == 1
    assert "application error" in result.stdout
    assert "error 12100: not XML" in result.stderr


def test_help_tells_the_keys() -> None:
    text = " ".join(run("--help").stdout.split())
    assert "commas separate answers" in text
    assert "x hangs up" in text


def test_a_redirect_is_not_followed(line: str) -> None:
    url = f"{line}/moved"
    status, _, _ = post_over_http(url, {"a": ""}, {"X-Twilio-Signature": signature("t", url, {})})
    assert status == 302


def test_a_proxy_of_the_environment_is_not_asked(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post_over_http(f"{line}/voice", {}, {})[0] == 200


def test_a_late_answer_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.carrier.transport.TIMEOUT", 0.05)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/voice"
        with pytest.raises(TimeoutError, match="no answer within"):
            post_over_http(url, {}, {})


def test_on_a_terminal_keys_are_typed(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"1")
    with open(theirs, encoding="utf-8") as terminal, open(ours, "rb"):
        monkeypatch.setattr(sys, "stdin", terminal)
        call.main([f"{line}/voice"], standalone_mode=False)
    shown = capsys.readouterr().out
    assert "Keys as on a phone" in shown
    assert "          you     1\n" in shown
    assert "You owe $84.20." in shown
