"""What passes between the carrier and the app during one call, and the clock it passes by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime

from ivr.carrier.signing import signature
from ivr.carrier.transport import Answer, Post, Request
from ivr.carrier.twiml import Alert, BadDocument, Document, complaints, read_document
from ivr.carrier.waits import Heard, Kind, Party, Speaker

TURN = 0.5  # seconds from a request to the first sound of its answer


@dataclass(frozen=True, slots=True)
class Carrier:
    """The account's settings at the carrier.

    `today` is the date cards expire by. `fallback_url` takes failing documents over and may be
    missing; `status_url` hears of the call's end. Payments by a connector in `broken_connectors`
    end in payment-connector-error.
    """

    token: str = field(repr=False)
    today: date
    status_url: str
    fallback_url: str | None = None
    broken_connectors: frozenset[str] = frozenset()


@dataclass(slots=True)
class Wire:
    """Sends every request of a call, and keeps what was sent, answered and heard.

    `clock` is seconds since the call was answered: simulated, nothing sleeps. `ahead` are keys
    pressed before the next document speaks. `unheard` counts documents since somebody was last
    listened to.
    """

    carrier: Carrier
    post: Post
    clock: float = 0.0
    pressed: int = 0
    ahead: str = ""
    unheard: int = 0
    heard: list[Heard] = field(default_factory=list)
    documents: list[bytes] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    errors: list[Alert] = field(default_factory=list)
    warnings: list[Alert] = field(default_factory=list)

    def fetch(self, request: Request) -> Document:
        """Ask the app for the next document. Raises BadDocument."""
        self.requests.append(request)
        self.clock += TURN
        self.unheard += 1
        answer = self.send(request)
        document = read_document(request.url, answer)
        self.documents.append(answer.body)
        for complaint in complaints(document.root):
            self.warn(complaint, document)
        return document

    def notify(self, request: Request) -> None:
        """Tell the app something; what it answers is only checked for success."""
        try:
            answer = self.send(request)
        except BadDocument as unsent:
            self.errors.append(unsent.alert)
            return
        if answer.status not in (200, 204):
            alert = Alert(11200, f"HTTP {answer.status}", request.url, answer.status)
            self.errors.append(alert)

    def send(self, request: Request) -> Answer:
        """Sign and post one request. Raises BadDocument (11200, 11205) where nothing answers."""
        url = request.url.partition("#")[0]  # connection settings, never sent
        headers = {"X-Twilio-Signature": signature(self.carrier.token, url, request.form)}
        try:
            status, answered, body = self.post(url, request.form, headers)
        except TimeoutError as late:
            raise BadDocument(Alert(11200, "the app took too long", url)) from late
        except ConnectionError as nobody:
            raise BadDocument(Alert(11205, "nothing answers", url)) from nobody
        return Answer(status, answered, body)

    def warn(self, text: str, document: Document) -> None:
        """Note something Twilio warns of and plays on without (12200)."""
        self.warnings.append(Alert(12200, text, document.url))

    def hear(
        self,
        who: Speaker,
        text: str,
        *,
        to: Party = "caller",
        kind: Kind = "said",
        language: str = "",
    ) -> None:
        """Keep what was said or done, now."""
        self.heard.append(Heard(who, text, language, round(self.clock, 2), to, kind))

    def timestamp(self) -> str:
        """Now in RFC 2822, as callbacks carry it; calls begin at noon UTC."""
        noon = datetime.combine(self.carrier.today, time(12), UTC)
        return format_datetime(noon + timedelta(seconds=self.clock))


def event_form(wire: Wire, sequence: int) -> Mapping[str, str]:
    """What every call progress event carries.

    https://www.twilio.com/docs/voice/twiml/number#statuscallback
    """
    return {
        "Timestamp": wire.timestamp(),
        "SequenceNumber": str(sequence),
        "CallbackSource": "call-progress-events",
    }
