from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select

from ivr.config import Settings
from ivr.dialog.call import Identity
from ivr.dialog.events import Card, Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.services import Level
from ivr.gateways.sandbox import SandboxGateway
from ivr.prompts.values import Phone
from ivr.services import receipts
from ivr.services.charging import charge
from ivr.services.context import Context
from ivr.services.payments import CHARGE
from ivr.services.receipts import ELSEWHERE, KEEP, MOST_A_DAY, OFFER, SEND_TO
from ivr.store.tables import landlines, opt_outs, payments, texts
from ivr.telemetry import Secret
from tests.builders import CALLER, NOW, account, call, context, payment

NUMBER = "40278815"
OTHER = "+12025550143"
TEXTING = Settings(text_from="+12025550100")
POSSIBLE = Replied("possible", {"number": Phone(CALLER)})
KEPT = Replied("kept", {"number": Phone(CALLER)})
IMPOSSIBLE = Replied("impossible")
DAY = timedelta(days=1)


def paid(connection: Connection, **values: Any) -> Context:
    """A call whose caller just paid $32.10 and a fee of $1.00."""
    owner = account(connection, "84.20")
    made = {"charged_at": NOW, "confirmation": NUMBER, "fee_cents": 100}
    payment(connection, owner, status="charged", **made)
    state = call(identity=Identity(Level.VERIFIED, owner, owner), **values)
    return context(connection, state, settings=TEXTING, turn=8)


def offer(given: Context) -> Replied:
    return receipts.offer(given, Request(OFFER))


def keep(given: Context) -> Replied:
    return receipts.keep(given, Request(KEEP))


def send_to(given: Context, number: str = OTHER) -> Replied:
    return receipts.send_to(given, Request(SEND_TO, {"number": Phone(number)}))


def sent(connection: Connection) -> list[Any]:
    return list(connection.execute(select(texts).order_by(texts.c.id)))


def had(given: Context, number: str = CALLER, days: int = 30, **values: Any) -> None:
    """A receipt of this account went to a number some days ago."""
    confirmation = str(10_000_000 + days)
    row = {"confirmation": confirmation, "call_sid": f"CA-{days}", "status": "posted", **values}
    payment(given.connection, row.pop("account", given.call.identity.account), **row)
    text(given.connection, f"receipt:{confirmation}", number, days)


def text(connection: Connection, key: str, number: str = CALLER, days: int = 0) -> None:
    row = {"key": key, "number": number, "body": "", "reference": "", "language": "en"}
    at = NOW - days * DAY
    connection.execute(insert(texts).values(**row, next_at=at, created_at=at))


def test_who_paid_is_offered_a_receipt_and_gets_one(database: Engine) -> None:
    with database.begin() as connection:
        given = paid(connection)
        assert offer(given) == POSSIBLE
        assert sent(connection) == []
        assert keep(given) == keep(given) == KEPT
        (row,) = sent(connection)
    assert (row.key, row.reference) == (f"receipt:{NUMBER}", NUMBER)
    assert (row.number, row.status, row.next_at) == (CALLER, "pending", NOW)
    assert row.body == (
        "Northside Cable: your payment of $33.10 on November 20. "
        "Confirmation number 40278815. Thank you."
    )


def test_a_receipt_is_in_the_callers_language(database: Engine) -> None:
    with database.begin() as connection:
        keep(paid(connection, language="es"))
        (row,) = sent(connection)
    assert row.language == "es"
    assert "su pago de $33.10 del 20 de noviembre. Número de confirmación 40278815" in row.body


def test_a_receipt_on_its_way_is_told_of_and_not_offered(database: Engine) -> None:
    with database.begin() as connection:
        given = paid(connection)
        send_to(given)
        assert offer(given) == Replied("sending", {"number": Phone(OTHER)})
        assert keep(given) == Replied("kept", {"number": Phone(OTHER)})
        assert len(sent(connection)) == 1


@pytest.mark.parametrize("number", [None, "+18765550123", "+18005550199"])
def test_only_a_us_number_of_the_callers_own_is_offered(
    database: Engine, number: str | None
) -> None:
    with database.begin() as connection:
        given = paid(connection, caller=number)
        assert offer(given) == keep(given) == IMPOSSIBLE
        assert sent(connection) == []


def test_a_landline_may_name_another_number_that_is_none(database: Engine) -> None:
    with database.begin() as connection:
        given = paid(connection)
        for number in (CALLER, "+12025550144"):
            connection.execute(insert(landlines).values(number=number, at=NOW))
        assert offer(given) == Replied("landline")
        assert receipts.elsewhere(given, Request(ELSEWHERE)) == Replied("possible")
        assert send_to(given, "+12025550144") == Replied("landline")
        assert send_to(given) == Replied("kept", {"number": Phone(OTHER)})
        assert [row.number for row in sent(connection)] == [OTHER]
    assert ELSEWHERE.level is SEND_TO.level is Level.VERIFIED


def test_a_number_that_opted_out_gets_none(database: Engine) -> None:
    with database.begin() as connection:
        given = paid(connection)
        for number in (CALLER, OTHER):
            connection.execute(insert(opt_outs).values(number=number, at=NOW))
        assert offer(given) == keep(given) == send_to(given) == IMPOSSIBLE
        assert sent(connection) == []


def test_a_number_abroad_is_not_texted(database: Engine) -> None:
    with database.begin() as connection:
        assert send_to(paid(connection), "+18765550123") == IMPOSSIBLE


@pytest.mark.parametrize(
    ("many", "key", "days", "expected"),
    [
        (MOST_A_DAY, "receipt:9", 0, IMPOSSIBLE),
        (MOST_A_DAY - 1, "receipt:9", 0, POSSIBLE),
        (MOST_A_DAY, "receipt:9", 1, POSSIBLE),
        (MOST_A_DAY, "restored:9", 0, POSSIBLE),
    ],
)
def test_a_number_gets_only_so_many_receipts_a_day(
    database: Engine, many: int, key: str, days: int, expected: Replied
) -> None:
    with database.begin() as connection:
        given = paid(connection)
        for number in range(many):
            text(connection, f"{key}{number}", days=days)
        assert offer(given) == expected
        assert (keep(given) == KEPT) == (expected == POSSIBLE)


def test_without_a_payment_there_is_no_receipt(database: Engine) -> None:
    with database.begin() as connection:
        owner = account(connection, "84.20")
        payment(connection, owner, status="declined")
        given = context(connection, call(identity=Identity(Level.MATCHED, owner, owner)))
        with pytest.raises(CallError, match="without a payment"):
            offer(given)


@pytest.fixture
def pays(database: Engine, tmp_path: Path) -> Any:
    """Pays $32.10 by card, after `before` was done; what stands in the outbox then."""

    def pay(before: Any, **settings: Any) -> list[Any]:
        with database.begin() as connection:
            owner = account(connection, "84.20")
            payment(connection, owner, call_sid="CA9")
            state = call("CA9", identity=Identity(Level.MATCHED, owner, owner))
            gateway = SandboxGateway(tmp_path / "sandbox.db", 0.01)
            given = context(connection, state, settings=TEXTING, turn=6, gateway=gateway)
            before(given)
            known = len(sent(connection))
            card = Card(Secret("pm_card_visa"), "visa", "4242")
            request = Request(CHARGE, secrets={"card": card})
            job = charge.prepare(given, request)
        found = charge.work(job)
        with database.begin() as connection:
            given = context(connection, state, settings=TEXTING, turn=6, gateway=gateway)
            assert charge.settle(given, request, job, found).outcome == "charged"
            return sent(connection)[known:]

    return pay


def test_who_had_a_receipt_before_gets_one_with_the_charge(pays: Any, database: Engine) -> None:
    (row,) = pays(had)
    with database.begin() as connection:
        query = select(payments.c.confirmation).where(payments.c.call_sid == "CA9")
        confirmation = connection.execute(query).scalar_one()
    assert row.key == f"receipt:{confirmation}"
    assert confirmation in row.body


def test_who_never_had_one_is_asked_first(pays: Any) -> None:
    assert pays(lambda given: None) == []


def test_one_to_another_number_or_too_long_ago_was_no_consent(pays: Any) -> None:
    def before(given: Context) -> None:
        had(given, OTHER)
        had(given, days=366)

    assert pays(before) == []


def test_one_for_another_account_was_no_consent(pays: Any) -> None:
    assert pays(lambda given: had(given, account=account(given.connection, number="2"))) == []


@pytest.mark.parametrize("table", [opt_outs, landlines])
def test_who_cannot_be_texted_any_more_gets_none(pays: Any, table: Any) -> None:
    def before(given: Context) -> None:
        had(given)
        given.connection.execute(insert(table).values(number=CALLER, at=NOW))

    assert pays(before) == []
