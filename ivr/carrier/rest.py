"""A stand-in for the part of Twilio's REST API an app calls, on loopback, with faults to order.

    with RestServer(account_sid, token) as rest:
        rest.fail("429")
        ...                     # the app, its TWILIO_API_URL being rest.url
        assert rest.messages[0]["to"] == "+12025550142"

Sources: https://www.twilio.com/docs/messaging/api/message-resource and
https://www.twilio.com/docs/voice/api/call-resource.
"""

import base64
import json
import secrets
from collections import deque
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Literal, Self
from urllib.parse import parse_qsl, urlsplit

#: "sent" faults do what was asked before they fail: the ambiguous cases.
Fault = Literal["429", "500", "hang", "500-sent", "hang-sent", "21610", "21614"]
Reply = tuple[int, dict[str, object]]

ERRORS: dict[str, tuple[int, int, str]] = {
    "401": (401, 20003, "Authenticate"),
    "404": (404, 20404, "The requested resource was not found"),
    "429": (429, 20429, "Too Many Requests"),
    "500": (500, 20500, "An internal server error has occurred"),
    "21604": (400, 21604, "A 'To' phone number is required"),
    "21610": (400, 21610, "Attempt to send to unsubscribed recipient"),
    "21614": (400, 21614, "'To' number is not a valid mobile number"),
}
PATH = "/2010-04-01/Accounts/"


class RestServer:
    """Answers Messages.json and Calls/{sid}.json until it is closed.

    `messages` are the texts taken, as JSON; `calls` maps a CallSid to the status it is to have;
    one that is not there is 404. `fail` orders a fault for the next creations.
    """

    def __init__(self, account_sid: str, token: str) -> None:
        self.account = account_sid
        self.authorization = "Basic " + base64.b64encode(f"{account_sid}:{token}".encode()).decode()
        self.messages: list[dict[str, object]] = []
        self.calls: dict[str, str] = {}
        self.faults: deque[Fault] = deque()
        self.closed = Event()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fail(self, fault: Fault, times: int = 1) -> None:
        """Let the next creations of a message fail this way."""
        self.faults.extend([fault] * times)

    def create(self, form: dict[str, str]) -> Reply | None:
        """Take a message, or fail as ordered; None is silence."""
        fault = self.faults.popleft() if self.faults else None
        if "To" not in form:
            return error("21604")
        if fault is None or fault.endswith("-sent"):
            self.messages.append(_message(self.account, form))
        if fault is None:
            return 201, self.messages[-1]
        kind = fault.removesuffix("-sent")
        return None if kind == "hang" else error(kind)

    def find(self, resource: str, query: dict[str, str]) -> Reply:
        """List messages by To and From, newest first, or give one call."""
        if resource == "Messages.json":
            wanted = {
                name.lower(): value for name, value in query.items() if name in ("To", "From")
            }
            return 200, _page([m for m in reversed(self.messages) if wanted.items() <= m.items()])
        sid = resource.removeprefix("Calls/").removesuffix(".json")
        if sid not in self.calls:
            return error("404")
        return 200, {"sid": sid, "account_sid": self.account, "status": self.calls[sid]}


def error(kind: str) -> Reply:
    """An error as the API words it."""
    status, code, message = ERRORS[kind]
    more = f"https://www.twilio.com/docs/errors/{code}"
    return status, {"code": code, "message": message, "more_info": more, "status": status}


def _message(account: str, form: dict[str, str]) -> dict[str, object]:
    sid = "SM" + secrets.token_hex(16)
    now = format_datetime(datetime.now(UTC))
    service = form.get("MessagingServiceSid")
    return {
        "sid": sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "to": form["To"],
        "from": form.get("From"),
        "messaging_service_sid": service,
        "body": form.get("Body", ""),
        "status": "accepted" if service else "queued",
        "direction": "outbound-api",
        "num_segments": "1",
        "num_media": "0",
        "error_code": None,
        "error_message": None,
        "price": None,
        "price_unit": "USD",
        "date_created": now,
        "date_updated": now,
        "date_sent": None,
        "uri": f"{PATH}{account}/Messages/{sid}.json",
        "subresource_uris": {},
    }


def _page(messages: list[dict[str, object]]) -> dict[str, object]:
    return {"messages": messages, "page": 0, "page_size": 50, "start": 0, "next_page_uri": None}


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # a hanging answer must not keep the process

    def __init__(self, rest: RestServer) -> None:
        self.rest = rest
        super().__init__(("127.0.0.1", 0), _Conversation)


class _Conversation(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        form = dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
        resource = self._resource()
        if resource != "Messages.json":
            self._answer(error("401" if resource is None else "404"))
            return
        self._answer(self.server.rest.create(form))

    def do_GET(self) -> None:
        resource = self._resource()
        query = dict(parse_qsl(urlsplit(self.path).query))
        self._answer(error("401") if resource is None else self.server.rest.find(resource, query))

    def _resource(self) -> str | None:
        """The path below the account; None where the credentials are wrong."""
        if self.headers.get("Authorization") != self.server.rest.authorization:
            return None
        return urlsplit(self.path).path.removeprefix(f"{PATH}{self.server.rest.account}/")

    def _answer(self, reply: Reply | None) -> None:
        if reply is None:
            self.server.rest.closed.wait()
            self.close_connection = True
            return
        status, body = reply
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: requests carry phone numbers."""
