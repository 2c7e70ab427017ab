"""When all is over: the reconciler, or the run of AutoPay, harmed or not, redials before and after
it, and what both parties wrote."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import Row

from faults.control import Rule
from faults.judge import PENDING
from faults.kinds import Errand, Kind
from faults.stage import HOUSEHOLD, Stage
from faults.times import STALL, TIMES
from faults.witness import NamedPoint, Witness

SETTLING = 4 * TIMES.lease + 3.0
SETTLING_DOWN = 2 * TIMES.lease
"""How long a gateway that never comes back is asked before the yes is taken to have expired."""


def settle(seen: Witness, known: int, pool: ThreadPoolExecutor) -> list[NamedPoint]:
    """See a schedule through; `known` is how long the ledger was before it. Gives the points of the
    first round, where that was to be harmed."""
    number = seen.customer.phone
    points: list[NamedPoint] = []
    schedule = seen.evidence.schedule
    if schedule.of_round or schedule.errand is Errand.AUTOPAY:
        points = _Round(seen, pool).run()
    else:
        seen.call(seen.caller(number), pays=False)
    _reconcile(seen)
    seen.call(seen.caller(number), pays=False)
    evidence = seen.evidence
    evidence.injected = [it.kind for it in seen.injected if not it.in_round]
    evidence.payments = seen.payments()
    evidence.charges = [it for it in seen.line.charges()[known:] if it.status != "open"]
    evidence.balance = seen.line.balance(seen.customer)
    evidence.drafts = seen.line.drafts(seen.customer)
    return points


def _reconcile(seen: Witness) -> None:
    """Until nothing is unknown; where the gateway never comes back, until the yes has expired."""
    schedule, evidence = seen.evidence.schedule, seen.evidence
    is_down = schedule.card == "pm_sandbox_down" or _is_refused_for_ever(seen)
    late = schedule.reconciling == "late"
    until = time.monotonic() + (SETTLING_DOWN if is_down else SETTLING)
    while _left(seen, late):
        if time.monotonic() > until:
            if not is_down:
                evidence.is_settled = False
                break
            late, is_down, until = True, False, until + SETTLING
            seen.line.let_a_day_pass()
        time.sleep(TIMES.lease / 4)
    evidence.is_late = late
    if schedule.errand is Errand.BANK:
        seen.line.reconcile(late=True)  # an account that waits for the yes said aloud expires


def _left(seen: Witness, late: bool) -> bool:
    """Whether a round leaves anything of this household open; AutoPay is run again, as its keeper
    would."""
    if seen.evidence.schedule.errand is Errand.AUTOPAY:
        seen.line.draft(late)
    seen.line.reconcile(late)
    is_drafted = "announced" in seen.line.drafts(seen.customer)
    return is_drafted or any(_is_open(row) for row in seen.payments())


def _is_open(row: Row[Any]) -> bool:
    is_asked_back = row.refund_asked_at is not None and row.status != "refunded"
    return row.status in PENDING or is_asked_back


def _is_refused_for_ever(seen: Witness) -> bool:
    """Stripe keeps a 500 under its key and gives it again, for a day."""
    return any(it.kind is Kind.BROKEN for it in seen.injected)


class _Round(Stage):
    """The first round, once whatever the call owned is over, with what is to befall it; or the
    first run of AutoPay."""

    def run(self) -> list[NamedPoint]:
        schedule, line = self.seen.evidence.schedule, self.seen.line
        self.name, self.late = f"round-{next(line.numbers)}", schedule.reconciling == "late"
        self.round = line.draft if schedule.errand is Errand.AUTOPAY else line.reconcile
        time.sleep(STALL if self.round == line.reconcile else 0)
        self.arm(dict.fromkeys(schedule.of_round, self.name), self.name)
        self.side(lambda: self.round(self.late, self.name))
        self.see_through()
        points = self.seen.points(self.name)
        self.control.disarm()
        return points

    def place(self, rule: Rule) -> str:
        index = int(rule.point) - 1
        return self.seen.points(self.name)[index].name

    def act(self, rule: Rule, kind: Kind) -> None:
        customer = self.seen.customer
        match kind:
            case Kind.AT_ONCE:
                self.hold(rule, self.side(lambda: self.round(self.late)), HOUSEHOLD)
            case Kind.STALLED:
                self.hold(rule, self.side(self.reconcile_for), STALL)
            case Kind.REDIAL:
                self.hold(rule, self.other(customer.phone), HOUSEHOLD)
            case Kind.SECOND:
                self.hold(rule, self.other(customer.second), HOUSEHOLD)
            case _:
                pass  # the round has done it
