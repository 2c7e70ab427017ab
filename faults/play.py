"""Plays one schedule on a line: the carrier's side of an errand that goes wrong as planned."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from faults.aftermath import settle
from faults.caller import Delivery, Webhook
from faults.control import Rule
from faults.judge import Evidence
from faults.kinds import After, Errand, Kind, Schedule
from faults.lines import Line
from faults.stage import HOUSEHOLD, Stage
from faults.times import STALL
from faults.witness import MOST_TRIES, MOST_WEBHOOKS, Injected, NamedPoint, Witness
from faults.words import Claim, listen
from ivr.carrier.transport import Answer

AFTER: Mapping[Kind, After] = {
    Kind.KILLED: "again",
    Kind.KILLED_FALLBACK: "fallback",
    Kind.KILLED_GONE: "gone",
    Kind.KILLED_SETTLED: "settled",
}


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a schedule: the evidence, what happened where, and every point that its call
    passed and the round after it, by name (control.name_of)."""

    evidence: Evidence
    injected: list[Injected]
    places: list[str]
    points: list[NamedPoint]
    of_round: list[NamedPoint]
    story: list[str]
    rescues: int


@dataclass(slots=True)
class Flight:
    """A webhook on its way; `before` are the household's payments as it left."""

    delivery: Delivery
    future: "Future[Answer]"
    before: Sequence[Row[Any]]


def play(line: Line, schedule: Schedule) -> Played:
    """Play it to its end, reconciler and redials included."""
    with ThreadPoolExecutor(12) as pool:
        return _Play(line, schedule, pool).run()


class _Play(Stage):
    def __init__(self, line: Line, schedule: Schedule, pool: ThreadPoolExecutor) -> None:
        self.customer = line.customer(schedule.errand, schedule.card)
        super().__init__(Witness(line, self.customer, Evidence(schedule)), pool)
        self.schedule = schedule
        self.known = len(line.charges())
        self.main = self.seen.caller(self.customer.phone, schedule.result, schedule.pin)
        self.crossing = self.seen.caller(self.customer.phone)
        self.names: dict[str, str] = {}
        self.current: Flight | None = None
        self.waiting: Webhook | None = None
        self.after: After | None = None
        self.tries = 0
        self.echo = False

    def run(self) -> Played:
        errand = self.schedule.errand
        places: list[str] = []
        points: list[NamedPoint] = []
        if errand is Errand.REFUND:
            self._pay_first()
        if errand is not Errand.AUTOPAY:
            places, points = self._call()
        of_round = settle(self.seen, self.known, self.pool)
        self.seen.line.leave(self.customer)
        seen = self.seen
        return Played(
            *(seen.evidence, seen.injected, places, points, of_round, seen.story, seen.rescues)
        )

    def _pay_first(self) -> None:
        """A payment that can be asked back: nothing goes wrong in it."""
        caller = self.seen.caller(self.customer.phone)
        caller.errand = Errand.CARD
        self.seen.call(caller, pays=True)
        if Claim.CHARGED not in self.seen.evidence.heard[-1].claims:
            raise RuntimeError(f"nothing was paid: {self.seen.evidence.heard[-1].words}")

    def _call(self) -> tuple[list[str], list[NamedPoint]]:
        """The call in which things go wrong; gives its points by place and by name."""
        first = self._walk()
        sids = self.main.sid, self.crossing.sid
        planned = self.schedule.of_call
        self.arm({it: sids[it.kind is Kind.CROSSED] for it in planned}, *sids)
        self._send(first)
        self.see_through()
        places = self.seen.places(self.main.sid, self.names)
        points = self.seen.points(self.main.sid)
        self.control.disarm()
        self.seen.alone(self.main.ends())
        return places, points

    def _walk(self) -> Webhook:
        """Ring and walk to the errand's question, where nothing goes wrong yet; gives the yes."""
        webhook = self.main.ring()
        for _ in range(MOST_WEBHOOKS):
            self.main.sent.append(webhook)
            said = listen(webhook.url, self.seen.alone(webhook))
            following = self.main.next(said)
            if following is None:
                break
            if self.main.is_at_yes(said.words):
                self.names[following.place] = "yes"
                return following
            webhook = following
        raise RuntimeError(f"a caller never came to the yes: {said.words}")

    @property
    def is_busy(self) -> bool:
        return bool(self.current or self.waiting or super().is_busy)

    # The caller's own webhooks

    def _send(self, webhook: Webhook) -> None:
        if "Result" in webhook.form:
            given = "account" if self.schedule.errand is Errand.BANK else "card"
            self.names.setdefault(webhook.place, given)
            if self._cross(webhook):
                return
        if "RecordingUrl" in webhook.form:
            self.names.setdefault(webhook.place, "aloud")
        self.seen.tell(f"sends {webhook.place}")
        if self.main.sent[-1] is not webhook:
            self.main.sent.append(webhook)
        delivery, before = Delivery(webhook), self.seen.payments()
        self.current = Flight(delivery, self.pool.submit(delivery.run), before)

    def _cross(self, webhook: Webhook) -> bool:
        """Have a redial come as far as its commit before the card is sent."""
        if self.waiting or self.crossing.sent or Kind.CROSSED not in self._planned():
            return False
        self.waiting = webhook
        self.side(lambda: self.seen.call(self.crossing, pays=False))
        return True

    def _planned(self) -> list[Kind]:
        """What may still happen; a crossed redial that is over will not."""
        is_over = bool(self.crossing.sent) and not self.sides
        kinds = [fault.kind for fault in self.rules.values()]
        return [kind for kind in kinds if not (kind is Kind.CROSSED and is_over)]

    def take_answers(self) -> None:
        super().take_answers()
        if self.current is None or not self.current.future.done():
            return
        flight, self.current = self.current, None
        try:
            answer = flight.future.result()
        except ConnectionError:
            self.meet()
            if self.current is None:
                self._retry(flight.delivery.webhook)
            return
        self._heard(flight, answer)

    def _heard(self, flight: Flight, answer: Answer) -> None:
        """The caller hears an answer, and goes on unless they are content."""
        webhook = flight.delivery.webhook
        self.seen.check(webhook, answer)
        said = self.seen.hear(self.main, webhook, answer, flight.before)
        if self.echo:
            self.echo = False
            self.side(self.seen.copy(webhook))
        following = self.main.next(said) if said else None
        if following and len(self.main.sent) > 2 * MOST_WEBHOOKS:
            self.seen.wrong(f"a call goes on for ever: {said}")
        elif following:
            self._send(following)

    def _retry(self, webhook: Webhook) -> None:
        """What follows where no answer came: the worker was killed."""
        after, self.after = self.after or "again", None
        self.tries += 1
        self.seen.tell(f"no answer: {after}")
        is_gone = webhook.form.get("Result") == "caller-hung-up"
        if after == "gone" or (after == "fallback" and is_gone):
            return
        if self.tries > MOST_TRIES:
            self.seen.wrong("a caller hears silence")
            return
        if after == "settled":
            self.reconcile_for(STALL)
        self._send(self.main.fallback() if after == "fallback" else webhook)

    # What goes wrong

    def meet(self) -> None:
        super().meet()
        if self.waiting and Kind.CROSSED not in self._planned():
            webhook, self.waiting = self.waiting, None
            self._send(webhook)

    def place(self, rule: Rule) -> str:
        if isinstance(rule.point, str):
            return "later"
        return self.seen.places(rule.sid, self.names)[rule.point - 1]

    def act(self, rule: Rule, kind: Kind) -> None:
        flying = self.current.delivery.webhook if self.current else self.main.sent[-1]
        match kind:
            case Kind.AGAIN:
                self.echo = True
            case Kind.AT_ONCE:
                self.hold(rule, self.side(self.seen.copy(flying)))
            case Kind.STALLED:
                self.hold(rule, self.side(self.seen.copy(flying)), STALL)
            case Kind.LATE:
                self.hold(rule, self.side(self.seen.copy(self.main.sent[-2])))
            case Kind.DROPPED:
                self._drop()
                if flying.form.get("Result") != "caller-hung-up":
                    self._send(self.main.fallback())
                self.hold(rule, self.current.future if self.current else None)
            case Kind.HUNG_UP:
                self._drop()
                self.hold(rule, self.side(lambda: self.seen.alone(self.main.ends())))
            case Kind.REDIAL:
                self.hold(rule, self.other(self.customer.phone))
            case Kind.SECOND:
                self.hold(rule, self.other(self.customer.second), HOUSEHOLD)
            case Kind.RECONCILED:
                self.hold(rule, self.side(self.reconcile_for), STALL)
            case Kind.CROSSED:
                self.hold(rule, None, HOUSEHOLD)
            case _ if kind in AFTER:
                self.after = AFTER[kind]
            case Kind.STOPPED | Kind.SILENT | Kind.BROKEN | Kind.TURNED_AWAY | Kind.UNPLUGGED:
                pass  # the worker has done it

    def _drop(self) -> None:
        """The carrier's end of the connection is gone, and nobody hears the answer."""
        if self.current:
            flight, self.current = self.current, None
            flight.delivery.cut()
            self.side(flight.future.exception)
