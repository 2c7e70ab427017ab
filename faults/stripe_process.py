"""Our Stripe as a process of its own: what befalls a request stands in a header of it.

It tells the driver all it holds, so that it can be judged, and searched for secrets.
"""

import json
import sys
import time
from http.server import ThreadingHTTPServer
from typing import Any, Literal, cast, get_args
from urllib.request import urlopen

from faults.hooks import HEADER
from tests.gateways.stripe_server import Asked, Fault, Handler, Stripe

HELD, FORGET = "/held/", "/forget"
BY_TOKEN: dict[str, Fault] = {"pm_sandbox_timeout": "silent after", "pm_sandbox_down": 429}
"""Cards that fail as the sandbox's do."""
_BY_NAME = {str(fault): fault for fault in get_args(Fault)}


def held(port: int, what: Literal["intents", "refunds", "stored", "asked"]) -> list[Any]:
    """What the Stripe at a port holds: PaymentIntents, refunds, answers by their keys, requests."""
    with urlopen(f"http://127.0.0.1:{port}{HELD}{what}", timeout=5) as answer:
        return cast(list[Any], json.load(answer))


def forget_keys(port: int) -> None:
    """Have the Stripe at a port forget every key, as it does after a day."""
    with urlopen(f"http://127.0.0.1:{port}{FORGET}", timeout=5):
        pass


class _Handler(Handler):
    def do_GET(self) -> None:
        """Answer a GET."""
        if self.path == FORGET:
            self.stripe.forget_keys()
            self._send((200, {}))
        elif self.path.startswith(HELD):
            self._tell(self.path.removeprefix(HELD))
        else:
            self._serve()

    def _send_or_not(self, request: Asked, reference: str, fault: Fault | None) -> None:
        self.stripe.now = int(time.time())
        by_token = BY_TOKEN.get(request.form.get("payment_method", ""))
        told = _BY_NAME.get(self.headers.get(HEADER, ""))
        super()._send_or_not(request, reference, told or by_token)

    def _tell(self, what: str) -> None:
        with self.stripe.lock:
            body = json.dumps(_held(self.stripe, what)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _held(stripe: Stripe, what: str) -> list[Any]:
    match what:
        case "intents":
            return list(stripe.intents.values())
        case "refunds":
            return stripe.kept.refunds
        case "stored":
            return list(stripe.stored.items())
    return [[one.what, one.key, one.form] for one in stripe.asked]


if __name__ == "__main__":
    handler = type("OfStripe", (_Handler,), {"stripe": Stripe()})
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), handler)
    server.daemon_threads = True
    server.serve_forever()
