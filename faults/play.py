"""Plays one schedule on a line: the carrier's side of a payment that goes wrong as planned."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from faults.aftermath import reconcile, settle
from faults.caller import Delivery, Webhook
from faults.control import Act, Rule
from faults.judge import Evidence
from faults.lines import TIMES, Line
from faults.schedules import After, Fault, Kind, Schedule
from faults.witness import MOST_TRIES, MOST_WEBHOOKS, Injected, Witness
from faults.words import is_asked, listen
from ivr.carrier.transport import Answer

POLL = 0.004
MEET, HOUSEHOLD, STALL = 0.15, 0.6, TIMES.lease + 0.3
"""How long at most a worker is held: to be met, to let another phone pay, to lose its lease."""
GIVE_UP = 40.0

ACTS: dict[Kind, Act] = {
    Kind.AGAIN: "mark",
    Kind.KILLED: "kill",
    Kind.KILLED_FALLBACK: "kill",
    Kind.KILLED_GONE: "kill",
    Kind.STOPPED: "stop",
    Kind.SILENT: "silence",
}
"""What a worker does at a fault's point; for every other kind it is held there."""
AFTER: dict[Kind, After] = {
    Kind.KILLED: "again",
    Kind.KILLED_FALLBACK: "fallback",
    Kind.KILLED_GONE: "gone",
}


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a schedule: the evidence, what happened where, and every point passed."""

    evidence: Evidence
    injected: list[Injected]
    points: list[str]
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


class _Play:
    def __init__(self, line: Line, schedule: Schedule, pool: ThreadPoolExecutor) -> None:
        self.control = line.control
        self.schedule = schedule
        self.pool = pool
        self.customer = line.customer()
        self.known = len(line.charges())
        self.seen = Witness(line, self.customer, Evidence(schedule))
        self.main = self.seen.caller(self.customer.phone, schedule.result, schedule.pin)
        self.crossing = self.seen.caller(self.customer.phone)
        self.rules = {self._rule(fault, next(line.numbers)): fault for fault in schedule.faults}
        self.names: dict[str, str] = {}
        self.current: Flight | None = None
        self.waiting: Webhook | None = None
        self.sides: list[Future[Any]] = []
        self.held: list[tuple[Rule, Future[Any] | None, float]] = []
        self.after: After | None = None
        self.tries = 0
        self.echo = False

    def _rule(self, fault: Fault, number: int) -> Rule:
        caller = self.crossing if fault.kind is Kind.CROSSED else self.main
        return Rule(number, caller.sid, fault.point, ACTS.get(fault.kind, "hold"))

    def run(self) -> Played:
        first = self._walk()
        self.control.arm([self.main.sid, self.crossing.sid], list(self.rules))
        self._send(first)
        self._go_on()
        points = self.seen.points(self.main.sid, self.names)
        self.control.disarm()
        self.seen.alone(self.main.ends())
        settle(self.seen, self.known)
        seen = self.seen
        return Played(seen.evidence, seen.injected, points, seen.story, seen.rescues)

    def _walk(self) -> Webhook:
        """Ring and walk to "For yes, press 1", where nothing goes wrong yet; gives the yes."""
        webhook = self.main.ring()
        for _ in range(MOST_WEBHOOKS):
            self.main.sent.append(webhook)
            said = listen(webhook.url, self.seen.alone(webhook))
            following = self.main.next(said)
            if following is None:
                break
            if is_asked("you-will-pay", said.words):
                self.names[following.place] = "yes"
                return following
            webhook = following
        raise RuntimeError(f"a caller never came to the yes: {said.words}")

    def _go_on(self) -> None:
        """Until the caller is done, and everybody who was held or sent on the side, too."""
        until = time.monotonic() + GIVE_UP
        while self.current or self.waiting or self.sides or self.held:
            if time.monotonic() > until:
                self.seen.wrong(f"no end after {GIVE_UP} s")
                return
            self._meet()
            self._let_go()
            self._take_answers()
            time.sleep(POLL)
        for rule, fault in list(self.rules.items()):
            if self.control.is_reached(rule):  # by a worker that nobody waited for
                self._note(rule, fault)

    # The caller's own webhooks

    def _send(self, webhook: Webhook) -> None:
        if "Result" in webhook.form:
            self.names.setdefault(webhook.place, "card")
            if self._cross(webhook):
                return
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
        self._side(lambda: self.seen.call(self.crossing, pays=False))
        return True

    def _planned(self) -> list[Kind]:
        """What may still happen; a crossed redial that is over will not."""
        is_over = bool(self.crossing.sent) and not self.sides
        kinds = [fault.kind for fault in self.rules.values()]
        return [kind for kind in kinds if not (kind is Kind.CROSSED and is_over)]

    def _take_answers(self) -> None:
        for side in [side for side in self.sides if side.done()]:
            self.sides.remove(side)
            if error := side.exception():
                self.seen.wrong(f"{type(error).__name__}: {error}")
        if self.current is None or not self.current.future.done():
            return
        flight, self.current = self.current, None
        try:
            answer = flight.future.result()
        except ConnectionError:
            self._meet()
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
            self._side(self.seen.copy(webhook))
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
        self._send(webhook if after == "again" else self.main.fallback())

    # What goes wrong

    def _meet(self) -> None:
        """Do what is planned for each point that a worker has come by."""
        for rule, fault in list(self.rules.items()):
            if self.control.is_reached(rule):
                self._note(rule, fault)
                self._act(rule, fault.kind)
        if self.waiting and Kind.CROSSED not in self._planned():
            webhook, self.waiting = self.waiting, None
            self._send(webhook)

    def _note(self, rule: Rule, fault: Fault) -> None:
        del self.rules[rule]
        place = "later"
        if isinstance(rule.point, int):
            place = self.seen.points(rule.sid, self.names)[rule.point - 1]
        self.seen.tell(f"{fault.kind} at point {fault.point}, {place}")
        self.seen.evidence.injected.append(fault.kind)
        self.seen.injected.append(Injected(fault.kind, place))

    def _act(self, rule: Rule, kind: Kind) -> None:
        flying = self.current.delivery.webhook if self.current else self.main.sent[-1]
        match kind:
            case Kind.AGAIN:
                self.echo = True
            case Kind.AT_ONCE:
                self._hold(rule, self._side(self.seen.copy(flying)))
            case Kind.STALLED:
                self._hold(rule, self._side(self.seen.copy(flying)), STALL)
            case Kind.LATE:
                self._hold(rule, self._side(self.seen.copy(self.main.sent[-2])))
            case Kind.DROPPED:
                self._drop()
                if flying.form.get("Result") != "caller-hung-up":
                    self._send(self.main.fallback())
                self._hold(rule, self.current.future if self.current else None)
            case Kind.HUNG_UP:
                self._drop()
                self._hold(rule, self._side(lambda: self.seen.alone(self.main.ends())))
            case Kind.REDIAL:
                self._hold(rule, self._other(self.customer.phone))
            case Kind.SECOND:
                self._hold(rule, self._other(self.customer.second), HOUSEHOLD)
            case Kind.RECONCILED:
                self._hold(rule, self._side(self._reconcile), STALL)
            case Kind.CROSSED:
                self._hold(rule, None, HOUSEHOLD)
            case Kind.KILLED | Kind.KILLED_FALLBACK | Kind.KILLED_GONE:
                self.after = AFTER[kind]
            case Kind.STOPPED | Kind.SILENT:
                pass  # the worker has done it

    def _hold(self, rule: Rule, met: "Future[Any] | None", longest: float = MEET) -> None:
        """Release a held worker once `met` is done, or after so many seconds."""
        self.held.append((rule, met, time.monotonic() + longest))

    def _let_go(self) -> None:
        now = time.monotonic()
        for item in list(self.held):
            rule, met, until = item
            if now > until or (met and met.done()):
                self.control.release(rule)
                self.held.remove(item)

    def _drop(self) -> None:
        """The carrier's end of the connection is gone, and nobody hears the answer."""
        if self.current:
            flight, self.current = self.current, None
            flight.delivery.cut()
            self._side(flight.future.exception)

    def _other(self, number: str) -> "Future[Any]":
        """Another call from this household, which pays if it can."""
        caller = self.seen.caller(number)
        return self._side(lambda: self.seen.call(caller, pays=True))

    def _reconcile(self) -> None:
        """Rounds of `ivr worker`, until it must have found a payment whose lease is over."""
        until = time.monotonic() + STALL - MEET
        while time.monotonic() < until:
            reconcile(self.seen.line)
            time.sleep(MEET)

    def _side(self, job: Callable[[], object]) -> "Future[Any]":
        future = self.pool.submit(job)
        self.sides.append(future)
        return future
