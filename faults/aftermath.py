"""When all is over: the reconciler, redials before and after it, and what both parties wrote."""

import time
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.exc import OperationalError

from faults.lines import TIMES, Line
from faults.witness import Witness
from ivr.config import Settings
from ivr.gateways.chosen import payment_gateway
from ivr.services.settling import settle_unknown

SETTLING = 4 * TIMES.lease + 3.0
SETTLING_DOWN = 2 * TIMES.lease
"""How long a gateway that never comes back is asked before the yes is taken to have expired."""


def settle(seen: Witness, known: int) -> None:
    """See a schedule through; `known` is how long the ledger was before it."""
    number = seen.customer.phone
    seen.call(seen.caller(number), pays=False)
    _reconcile(seen)
    seen.call(seen.caller(number), pays=False)
    evidence = seen.evidence
    evidence.payments = seen.payments()
    evidence.charges = seen.line.charges()[known:]
    evidence.balance = seen.line.balance(seen.customer)


def _reconcile(seen: Witness) -> None:
    """Until nothing is unknown; where the gateway never comes back, until the yes has expired."""
    schedule = seen.evidence.schedule
    late, is_down = schedule.reconciling == "late", schedule.card == "pm_sandbox_down"
    until = time.monotonic() + (SETTLING_DOWN if is_down else SETTLING)
    while reconcile(seen.line, late):
        if time.monotonic() > until:
            if late or not is_down:
                seen.evidence.is_settled = False
                break
            late, until = True, until + SETTLING
        time.sleep(TIMES.lease / 4)
    seen.evidence.is_late = late


def reconcile(line: Line, late: bool = False) -> int:
    """What `ivr payments reconcile` does, or would do a quarter of an hour later: how many
    payments are unknown still."""
    times = replace(TIMES, intent=0.0) if late else TIMES
    gateway = payment_gateway(Settings(sandbox_ledger=line.ledger, times=times))
    try:
        settled = settle_unknown(line.engine, gateway, times, lambda: datetime.now(UTC))
    except OperationalError:
        return 1  # a worker that is held holds the lock
    return settled.unknown
