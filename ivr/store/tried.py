"""What a caller did so far in this call, for whoever picks up."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, case, literal, select, union_all

from ivr.store.tables import payments, pin_tries, reports


@dataclass(frozen=True, slots=True)
class Try:
    """A `payment` with its status and cents, a `report` of an `outage` or `danger`, or a `pin`."""

    what: str
    result: str
    cents: int


_DANGER = case((reports.c.danger, "danger"), else_="outage")
_TRIES = union_all(
    select(
        literal("payment").label("what"),
        payments.c.status.label("result"),
        (payments.c.amount_cents + payments.c.fee_cents).label("cents"),
        payments.c.id.label("place"),
    ).where(payments.c.call_sid == bindparam("sid")),
    select(literal("report"), _DANGER, literal(0), reports.c.id).where(
        reports.c.call_sid == bindparam("sid")
    ),
    select(literal("pin"), literal(""), literal(0), pin_tries.c.turn).where(
        pin_tries.c.call_sid == bindparam("sid")
    ),
).order_by("what", "place")


def tries(connection: Connection, sid: str) -> list[Try]:
    """All of a call's tries: payments, PINs, reports, each in their order."""
    rows = connection.execute(_TRIES, {"sid": sid})
    return [Try(row.what, row.result, row.cents) for row in rows]
