"""A carrier that does nothing but ring: balance calls over keep-alive connections, signed.

    python -m bench.client PORT SECONDS CALLERS ACCOUNTS [floor]

runs CALLERS calls at a time for SECONDS and prints a line of JSON. It is a process of its own and
speaks HTTP by hand, so that what is measured is the server. Twilio's request and its signature:
https://www.twilio.com/docs/usage/security#validating-requests
"""

import base64
import hmac
import json
import random
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench.callers import LINE, TOKEN, phone

KEYS = ("1", "*", "1", "*", "1")
"""After the ring: the balance, back to the menu, and so on. Every other turn reads the account."""
PLACE = {"City": "CHICAGO", "State": "IL", "Zip": "60601", "Country": "US"}


@dataclass
class Tally:
    """What one caller saw: seconds of every turn, and answers that were not the right words."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def form(sid: str, caller: str, digits: str | None) -> dict[str, str]:
    """What Twilio posts with every webhook of a call."""
    ends = {"From": caller, "Caller": caller, "To": LINE, "Called": LINE}
    places = {f"{end}{name}": value for end in ends for name, value in PLACE.items()}
    known = {"CallSid": sid, "AccountSid": "AC" + "0" * 32, "ApiVersion": "2010-04-01"}
    keys = {} if digits is None else {"Digits": digits, "FinishedOnKey": ""}
    status = {"Direction": "inbound", "CallStatus": "ringing" if digits is None else "in-progress"}
    return {**known, **status, **ends, **places, **keys}


def request(port: int, path: str, fields: dict[str, str]) -> bytes:
    """The whole HTTP request, signed."""
    signed = f"http://127.0.0.1:{port}{path}" + "".join(k + fields[k] for k in sorted(fields))
    signature = base64.b64encode(hmac.digest(TOKEN.encode(), signed.encode(), "sha1")).decode()
    body = urlencode(fields)
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: TwilioProxy/1.1\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
        f"X-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def webhooks(port: int, caller: str) -> Iterator[tuple[bytes, bytes]]:
    """The requests of one call, each with words that its answer must hold."""
    sid = f"CA{random.getrandbits(128):032x}"
    yield request(port, "/voice", form(sid, caller, None)), b"press 1"
    for turn, key in enumerate(KEYS, start=1):
        words = b"You owe" if key == "1" else b"press 1"
        yield request(port, f"/voice/turn?turn={turn}", form(sid, caller, key)), words


def answer(connection: socket.socket) -> bytes:
    """One answer; its length stands in its headers."""
    received = connection.recv(65536)
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head.partition(b"\r\n")[0] + b"\n" + body


def ring(port: int, until: float, accounts: int, is_floor: bool, tally: Tally) -> None:
    """Call again and again over one connection until time is up."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.perf_counter() < until:
            for sent, words in webhooks(port, phone(random.randint(1, accounts))):
                began = time.perf_counter()
                connection.sendall(sent)
                heard = answer(connection)
                tally.seconds.append(time.perf_counter() - began)
                if b" 200 " not in heard or not (is_floor or words in heard):
                    tally.wrong.append(heard.decode(errors="replace")[:500])


def measure(port: int, seconds: float, callers: int, accounts: int, is_floor: bool) -> Tally:
    """Everything that `callers` callers at a time saw in so many seconds."""
    tallies = [Tally() for _ in range(callers)]
    until = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=ring, args=(port, until, accounts, is_floor, tally))
        for tally in tallies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Tally(
        [second for tally in tallies for second in tally.seconds],
        [heard for tally in tallies for heard in tally.wrong],
    )


def main() -> None:
    """Measure as the command line says."""
    port, seconds, callers, accounts = sys.argv[1:5]
    began = time.perf_counter()
    tally = measure(int(port), float(seconds), int(callers), int(accounts), "floor" in sys.argv)
    took = time.perf_counter() - began
    print(
        json.dumps(
            {
                "turns": len(tally.seconds),
                "per_second": len(tally.seconds) / took,
                "median_ms": sorted(tally.seconds)[len(tally.seconds) // 2] * 1000,
                "wrong": tally.wrong[:1],
            }
        )
    )


if __name__ == "__main__":
    main()
