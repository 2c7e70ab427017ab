"""All services, in one literal table: what a book may ask, and what answers it."""

from collections.abc import Mapping

from ivr.flows.services import RING, Service
from ivr.services import (
    arrival,
    autopay,
    balance,
    charging,
    debiting,
    identity,
    intending,
    methods,
    outages,
    payments,
    people,
    promises,
    receipts,
    received,
    refunding,
    storing,
    texts,
    transfers,
)
from ivr.services.context import Entry
from ivr.services.spoken import CHANNEL_PROMPTS

__all__ = ["CHANNEL_PROMPTS", "SERVICES", "declared"]

_ENTRIES = (
    Entry(arrival.ARRIVE, arrival.arrive),
    Entry(identity.CANDIDATES, identity.candidates),
    Entry(identity.CHOOSE, identity.choose),
    Entry(identity.IDENTIFY, identity.identify),
    Entry(identity.PIN_STATUS, identity.pin_status),
    Entry(identity.PIN_CHECK, identity.pin_check),
    Entry(balance.READ, balance.read),
    Entry(received.RECEIVED, received.received),
    Entry(received.DETAILS, received.details),
    Entry(received.HISTORY, received.earlier),
    Entry(refunding.OFFER, refunding.offer),
    Entry(refunding.MAKE, refunding.make),
    Entry(receipts.OFFER, receipts.offer),
    Entry(receipts.KEEP, receipts.keep),
    Entry(receipts.ELSEWHERE, receipts.elsewhere),
    Entry(receipts.SEND_TO, receipts.send_to),
    Entry(payments.OFFER, payments.offer),
    Entry(payments.QUOTE, payments.quote),
    Entry(payments.INTEND, intending.intend),
    Entry(payments.CHARGE, charging.charge),
    Entry(payments.CANCEL, payments.cancel),
    Entry(autopay.READ, autopay.read),
    Entry(autopay.TERMS, autopay.terms),
    Entry(autopay.ENROL, autopay.enrol),
    Entry(autopay.CANCEL, autopay.cancel),
    Entry(promises.OFFER, promises.offer),
    Entry(promises.TERMS, promises.terms),
    Entry(promises.MAKE, promises.make),
    Entry(payments.CHARGE_STORED, charging.charge_stored),
    Entry(debiting.HOLD, debiting.hold),
    Entry(payments.DEBIT, charging.debit),
    Entry(methods.OFFER, methods.offer),
    Entry(methods.CHOOSE, methods.choose),
    Entry(methods.LIST, methods.listed),
    Entry(methods.REMOVE, methods.remove),
    Entry(storing.KEEP, storing.keep),
    Entry(outages.LOOK, outages.look),
    Entry(outages.REPORT, outages.report),
    Entry(outages.DANGER, outages.danger),
    Entry(texts.OFFER, texts.offer),
    Entry(texts.KEEP, texts.keep),
    Entry(people.FIND, people.find),
    Entry(people.HOURS, people.hours),
    Entry(people.KEEP_CALLBACK, people.keep_callback),
    Entry(RING, transfers.ring),
)
SERVICES: Mapping[str, Entry] = {entry.service.name: entry for entry in _ENTRIES}


def declared() -> Mapping[str, Service]:
    """What a book may name in a `do:`; ringing agents is the `transfer:` step's own."""
    return {name: entry.service for name, entry in SERVICES.items() if name != RING.name}
