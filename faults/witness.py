"""Whoever sees what is answered: every answer is checked, and what callers hear is kept."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from faults.caller import Caller, Delivery, Webhook
from faults.control import Point, name_of
from faults.customers import Customer
from faults.judge import Evidence, Heard
from faults.kinds import Errand, Kind
from faults.lines import Line
from faults.words import Said, listen
from ivr.carrier.transport import Answer
from ivr.carrier.twiml import BadDocument

MOST_TRIES = 8
BETWEEN_TRIES = 0.15
MOST_WEBHOOKS = 16


@dataclass(frozen=True, slots=True)
class Injected:
    """A fault that happened, and where: in the webhook of the yes, of the card or account, of what
    is said aloud, or a later one, or in a round."""

    kind: Kind
    place: str
    in_round: bool = False


@dataclass(frozen=True, slots=True)
class NamedPoint:
    """A point by its name (control.name_of), and the path of its webhook."""

    path: str
    name: str


@dataclass(slots=True)
class Witness:
    """What was seen of one schedule on a line. `story` is for people, `rescues` counts answers
    that were said from memory."""

    line: Line
    customer: Customer
    evidence: Evidence
    injected: list[Injected] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    rescues: int = 0
    _bodies: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)

    def caller(self, number: str, result: str = "success", pin: bool = False) -> Caller:
        """A caller of this household, with the schedule's card and errand; where AutoPay has that,
        they pay with a card."""
        schedule = self.evidence.schedule
        errand = Errand.CARD if schedule.errand is Errand.AUTOPAY else schedule.errand
        caller = Caller(self.line.port, number, schedule.card, errand, result, pin)
        self.evidence.numbers[caller.sid] = number
        return caller

    def payments(self) -> Sequence[Row[Any]]:
        """The household's payments as they now stand."""
        return self.line.payments(self.customer)

    def tell(self, what: str) -> None:
        """A line of the story."""
        self.story.append(f"{time.monotonic() - self._began:6.2f} {what}")

    def wrong(self, what: str) -> None:
        """Something that must never be seen."""
        self.evidence.wrong.append(what)

    # Webhooks by themselves

    def alone(self, webhook: Webhook) -> Answer:
        """Deliver a webhook, again where its worker is killed before it answers."""
        for _ in range(MOST_TRIES):
            try:
                return self.check(webhook, Delivery(webhook).run())
            except ConnectionError:
                time.sleep(BETWEEN_TRIES)
        raise RuntimeError(f"{webhook.place} is never answered")

    def copy(self, webhook: Webhook) -> Callable[[], None]:
        """The same webhook once more; its words are heard by nobody."""

        def deliver() -> None:
            try:
                self.check(webhook, Delivery(webhook).run())
            except ConnectionError:
                return  # its worker was killed, and the carrier does not repeat a repetition

        return deliver

    def call(self, caller: Caller, pays: bool) -> None:
        """A whole other call: it listens to the first words, and pays if it can."""
        following: Webhook | None = caller.ring()
        while following and len(caller.sent) < MOST_WEBHOOKS:
            webhook, before, is_first = following, self.payments(), not caller.sent
            caller.sent.append(webhook)
            said = self.hear(caller, webhook, self.alone(webhook), before, is_first)
            following = caller.next(said) if said and pays else None
        self.alone(caller.ends())

    # Answers

    def check(self, webhook: Webhook, answer: Answer) -> Answer:
        """What holds of every answer: speakable, and the same for the same webhook."""
        if webhook.place.endswith("/status"):
            if answer.status != 204:
                self.wrong(f"HTTP {answer.status} at {webhook.place}")
            return answer
        try:
            said = listen(webhook.url, answer)
        except BadDocument as bad:
            self.wrong(f"an error document: {bad}")
            return answer
        self.rescues += said.is_rescue
        if "turn=" in webhook.place and not said.is_one_moment and not said.is_rescue:
            self._compare(webhook, answer.body)
        return answer

    def _compare(self, webhook: Webhook, body: bytes) -> None:
        if "again=" in webhook.place:
            return
        form = webhook.form
        event = f"{form.get('Digits')} {form.get('Result')}"
        first = self._bodies.setdefault((form["CallSid"], webhook.place, event), body)
        if first != body:
            self.wrong(f"one webhook, two answers: {first!r} and {body!r}")

    def hear(
        self,
        caller: Caller,
        webhook: Webhook,
        answer: Answer,
        before: Sequence[Row[Any]],
        is_greeting: bool = False,
    ) -> Said | None:
        """Keep what a caller is told, for the judge; None where nobody could hear or say it."""
        if webhook.form.get("Result") == "caller-hung-up":
            return None
        try:
            said = listen(webhook.url, answer)
        except BadDocument:
            return None
        if said.asks != "Pay" and not said.words:
            self.wrong(f"a caller hears silence at {webhook.place}")
        self.tell(f"{caller.number[-10:]} hears {said.words[:150]!r} {said.asks}")
        ledger = self.line.charges()
        heard = Heard(
            sid=caller.sid,
            words=said.words,
            claims=said.claims,
            before=before,
            after=self.payments(),
            charged=frozenset(it.key for it in ledger if it.status == "charged"),
            given_back=frozenset(it.key for it in ledger if it.refunded),
            is_greeting=is_greeting,
        )
        self.evidence.heard.append(heard)
        return said

    # Points

    def points(self, sid: str) -> list[NamedPoint]:
        """The points a call or a round came by."""
        points = [it for it in self.line.control.points() if it.sid == sid]
        passed = [it.what for it in points]
        return [
            NamedPoint(point.path, name_of(point.what, passed[:index]))
            for index, point in enumerate(points)
        ]

    def places(self, sid: str, names: dict[str, str]) -> list[str]:
        """The points a call came by: of which webhook (`names` by path), and which of those alike
        in it."""
        points = [it for it in self.line.control.points() if it.sid == sid]
        return [
            f"{_webhook(point, names)} {point.what} {points[: index + 1].count(point)}"
            for index, point in enumerate(points)
        ]


def _webhook(point: Point, names: dict[str, str]) -> str:
    return next((name for place, name in names.items() if place.endswith(point.path)), "later")
