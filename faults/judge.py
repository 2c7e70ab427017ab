"""What must be true of an errand once everything that could go wrong has gone wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from faults.customers import OWED
from faults.kinds import Errand, Kind, Schedule
from faults.lines import LedgerRow
from faults.words import Claim

FINAL = frozenset({"charged", "declined", "canceled", "refunded"})
PENDING = frozenset({"charging", "unknown"})
ACCEPTED = frozenset({"pm_card_visa", "pm_sandbox_timeout"})
"""The sandbox's cards that can be charged."""
UNREACHABLE = frozenset({Kind.STOPPED, Kind.BROKEN, Kind.TURNED_AWAY})
"""Faults after which a caller may be told that nothing was charged."""

PAID = frozenset({"charged", "refunded"})
LEDGER_SAYS = {"charged": "charged", "refunded": "charged", "declined": "declined"}
"""What a gateway has on record of a payment by its state; nothing of any other."""

Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Heard:
    """Words that reached a caller of call `sid`, with the payments just before and just after.

    `charged` are the keys that the ledger had as charged by then, `given_back` as refunded.
    """

    sid: str
    words: str
    claims: Sequence[Claim]
    before: Rows
    after: Rows
    charged: frozenset[str]
    is_greeting: bool
    given_back: frozenset[str] = frozenset()


@dataclass(slots=True)
class Evidence:
    """All that was seen of one schedule. `numbers` are the callers' by call; `wrong` is what was
    seen to be wrong while it ran; `drafts` are the states of what AutoPay was to take."""

    schedule: Schedule
    numbers: dict[str, str] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    injected: list[Kind] = field(default_factory=list)
    payments: Rows = ()
    charges: Sequence[LedgerRow] = ()
    balance: int = OWED
    drafts: Sequence[str] = ()
    is_settled: bool = True
    is_late: bool = False


def violations(evidence: Evidence) -> list[str]:
    """Every promise that was broken."""
    return [
        *evidence.wrong,
        *_ledger(evidence),
        *_settled(evidence),
        *_drafted(evidence),
        *(wrong for payment in evidence.payments for wrong in _payment(evidence, payment)),
        *(wrong for heard in evidence.heard for wrong in _told(evidence, heard)),
    ]


def _ledger(evidence: Evidence) -> Iterator[str]:
    """At most one charge per intent, of its amount, and no more than was owed."""
    intents = {row.idempotency_key: row.amount_cents + row.fee_cents for row in evidence.payments}
    for charge in evidence.charges:
        if charge.key not in intents:
            yield f"the ledger has a key that no intent has: {charge.key}"
        elif charge.cents != intents[charge.key]:
            yield f"{charge.cents} cents were charged for an intent of {intents[charge.key]}"
    paid = sum(charge.cents for charge in evidence.charges if charge.status == "charged")
    back = sum(charge.refunded for charge in evidence.charges)
    if paid > OWED:
        yield f"{paid} cents were charged, {OWED} were owed"
    if evidence.balance != OWED - paid + back:
        yield f"the balance is {evidence.balance}, not {OWED} - {paid} + {back}"


def _settled(evidence: Evidence) -> Iterator[str]:
    if not evidence.is_settled:
        yield "the reconciler left a payment unknown"
    for row in evidence.payments:
        if row.status in PENDING:
            yield f"a payment is still {row.status} after the reconciler"
        if row.token is not None:
            yield f"a payment that is {row.status} still has its token"
        if row.refund_asked_at is not None and row.status != "refunded":
            yield f"a payment that is {row.status} was asked back, and nobody knows the end of it"


def _drafted(evidence: Evidence) -> Iterator[str]:
    """What AutoPay was to take has an end, and where it could be taken the bill is paid."""
    if "announced" in evidence.drafts:
        yield "a draft was neither taken nor given up"
    is_taken = evidence.schedule.errand is Errand.AUTOPAY and _can_charge(evidence)
    if is_taken and evidence.balance > 0:
        yield f"AutoPay left {evidence.balance} cents of a bill unpaid"


def _payment(evidence: Evidence, row: Row[Any]) -> Iterator[str]:
    """A payment's state agrees with the ledger; a card that was given is charged."""
    found = [charge for charge in evidence.charges if charge.key == row.idempotency_key]
    status = next((charge.status for charge in found), None)
    if status != LEDGER_SAYS.get(row.status):
        yield f"a payment is {row.status}, the ledger says {status}"
    back = sum(charge.refunded for charge in found)
    if back != (row.amount_cents + row.fee_cents if row.status == "refunded" else 0):
        yield f"a payment is {row.status}, the ledger gave {back} cents back"
    if _should_be_charged(evidence, row) and row.status not in PAID:
        yield f"a card was given and never charged: {row.status}, {row.decline_code}"


def _should_be_charged(evidence: Evidence, row: Row[Any]) -> bool:
    """Exactly one charge if a token arrived and the gateway accepts it, unless the intent expired
    or was paid otherwise, or its caller was told that the gateway could not be reached."""
    others = any(it.status in PAID for it in evidence.payments if it.id != row.id)
    return row.asked_at is not None and _can_charge(evidence) and not others


def _can_charge(evidence: Evidence) -> bool:
    unreachable = not UNREACHABLE.isdisjoint(evidence.injected)
    return evidence.schedule.card in ACCEPTED and not (evidence.is_late or unreachable)


def _told(evidence: Evidence, heard: Heard) -> Iterator[str]:
    for claim in heard.claims:
        if not _is_true(evidence, heard, claim):
            states = [(row.status, row.decline_code) for row in heard.after]
            yield f"a caller heard {claim!r}, but: {states}, {heard.words!r}"
    if heard.is_greeting and not heard.claims and _owes_news(evidence, heard):
        yield f"a redial heard nothing of a payment: {heard.before[-1].status}, {heard.words!r}"


def _is_true(evidence: Evidence, heard: Heard, claim: Claim) -> bool:
    """What was said was so then; that nothing was charged stays so for ever."""
    own = [row for row in heard.after if row.call_sid == heard.sid]
    match claim:
        case Claim.CHARGED:
            return any(row.idempotency_key in heard.charged for row in own)
        case Claim.LAST_CHARGED:
            return any(row.idempotency_key in heard.charged for row in heard.after)
        case Claim.REFUNDED:
            return any(row.idempotency_key in heard.given_back for row in heard.after)
        case Claim.NOT_KNOWN_BACK:
            return any(row.status != "refunded" for row in heard.before)
        case Claim.NOTHING:
            return not own or not _ever_charged(evidence, own[-1])
        case Claim.LAST_NOTHING:
            newest = [_newest(evidence, heard, rows) for rows in (heard.before, heard.after)]
            return not all(row is not None and _ever_charged(evidence, row) for row in newest)
        case Claim.UNKNOWN:
            return bool(own) and _may_be_unknown(heard.before, own[-1:])
        case Claim.CHECKING:
            return _may_be_unknown(heard.before, heard.after)


def _ever_charged(evidence: Evidence, row: Row[Any]) -> bool:
    return any(
        charge.status == "charged" and charge.key == row.idempotency_key
        for charge in evidence.charges
    )


def _may_be_unknown(before: Rows, after: Rows) -> bool:
    """Whether any of these was not known to have ended when the question was put."""
    known = {row.id for row in before if row.status in FINAL}
    return any(row.id not in known for row in after)


def _owes_news(evidence: Evidence, heard: Heard) -> bool:
    """Whether a payment's end was never heard by anybody when this call began.

    Who stopped a payment themselves is owed none.
    """
    newest = _newest(evidence, heard, heard.before)
    stopped = {row.id for row in heard.after if row.decline_code == "stopped"}
    if newest is None or newest.id in stopped:
        return False
    earlier = evidence.heard[: evidence.heard.index(heard)]
    return not any(
        it.claims and (it.sid == newest.call_sid or newest.id in {row.id for row in it.before})
        for it in earlier
        if evidence.numbers[it.sid] == evidence.numbers[heard.sid]
    )


def _newest(evidence: Evidence, heard: Heard, rows: Rows) -> Row[Any] | None:
    """The newest payment that other calls from the caller's number have begun."""
    number = evidence.numbers[heard.sid]
    theirs = [
        row
        for row in rows
        if row.call_sid != heard.sid and evidence.numbers.get(row.call_sid) == number
    ]
    return theirs[-1] if theirs else None
