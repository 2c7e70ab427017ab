"""What callers hear of stored methods, and what they may do with them."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from ivr.dialog.call import Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.services import Level
from ivr.prompts.values import Choices, Count, Digits, Text, Value, Words, YesNo
from ivr.services import autopay, methods
from ivr.store import consents, tables
from tests.builders import NOW, NoGateway, account, call, context
from tests.services.enrolments import enrolled, method


@dataclass
class Desk:
    """An account at a gateway, and what its caller asks about stored methods."""

    engine: Engine
    account: int
    gateway: NoGateway

    def keep(self, last4: str = "4242", **values: Any) -> int:
        with self.engine.begin() as connection:
            return method(connection, self.account, last4, **values)

    def ask(self, run: Any, service: Any, **values: Value) -> Replied:
        who = Identity(Level.VERIFIED, self.account, self.account)
        with self.engine.begin() as connection:
            asked = context(connection, call(identity=who), gateway=self.gateway)
            reply: Replied = run(asked, Request(service, values))
        return reply

    def offered(self) -> Replied:
        return self.ask(methods.offer, methods.OFFER)

    def listed(self) -> Replied:
        return self.ask(methods.listed, methods.LIST)

    def remove(self, number: int) -> str:
        return self.ask(methods.remove, methods.REMOVE, method=Count(number)).outcome


@pytest.fixture
def desk(database: Engine) -> Desk:
    with database.begin() as connection:
        return Desk(database, account(connection, "84.20"), NoGateway())


def endings(reply: Replied) -> list[tuple[str, Value]]:
    offered = reply.fields["methods"]
    assert isinstance(offered, Choices)
    return [(one.prompt, dict(one.values)["ending"]) for one in offered.items]


def test_where_nothing_is_stored_nothing_is_offered(desk: Desk) -> None:
    assert desk.offered() == Replied("none")
    assert desk.listed() == Replied("none")


def test_one_alone_is_chosen_already(desk: Desk) -> None:
    kept = desk.keep(expires="2027-04")
    assert desk.offered() == Replied(
        "one",
        {
            "which": Count(kept),
            "method": Words(("visa",)),
            "ending": Digits("4242"),
            "expires-soon": YesNo(False),
            "expires": Words(("expires-next-month",)),
            "autopay": YesNo(False),
        },
    )


def test_several_are_offered_the_newest_first_and_no_more_than_four(desk: Desk) -> None:
    for last4, brand in zip("12345", ("visa", "amex", "jcb", "discover", "visa"), strict=True):
        desk.keep(last4 * 4, brand=brand)
    assert endings(desk.offered()) == [
        ("visa-ending", Digits("5555")),
        ("discover-ending", Digits("4444")),
        ("card-ending", Digits("3333")),
        ("amex-ending", Digits("2222")),
    ]


@pytest.mark.parametrize("accepts", [{"card"}, {"card", "bank"}])
def test_a_bank_account_is_offered_where_the_gateway_takes_it(
    desk: Desk, accepts: set[Any]
) -> None:
    desk.keep("67", kind="bank", brand="")
    desk.gateway.accepts = frozenset(accepts)
    assert desk.offered().outcome == ("one" if "bank" in accepts else "none")


@pytest.mark.parametrize(
    ("month", "said"),
    [
        ("2025-12", "has-expired"),
        ("2026-10", "has-expired"),
        ("2026-11", "expires-this-month"),
        ("2026-12", "expires-next-month"),
        ("2027-01", None),
        (None, None),
    ],
)
def test_a_card_is_said_to_expire_and_not_charged_after_that(
    desk: Desk, month: str | None, said: str | None
) -> None:
    desk.keep(expires=month)
    reply = desk.listed()
    assert reply.fields["expires-soon"] == YesNo(said is not None)
    if said:
        assert reply.fields["expires"] == Words((said,))
    assert desk.offered().outcome == ("none" if said == "has-expired" else "one")


def test_of_several_the_one_that_expires_first_is_named(desk: Desk) -> None:
    desk.keep("1111", expires="2026-12")
    desk.keep("2222", expires="2026-11")
    desk.keep("67", kind="bank", brand="")
    fields = desk.listed().fields
    assert (fields["ending"], fields["expires"]) == (Digits("2222"), Words(("expires-this-month",)))
    assert fields["method"] == Words(("visa",))


def test_all_that_is_stored_is_listed_and_whether_there_is_room(desk: Desk) -> None:
    for many in range(1, 5):
        desk.keep(f"{many}{many}")
        fields = desk.listed().fields
        has = [fields[f"has-{name}"] == YesNo(True) for name in ("second", "third", "fourth")]
        assert has.count(True) == many - 1
        assert fields["first-ending"] == Digits(f"{many}{many}")
        assert fields["has-room"] == YesNo(many < 4)


@pytest.mark.parametrize("chosen", [Text("99"), Text("x"), Count(99), Digits("1")])
def test_only_ones_own_can_be_chosen(desk: Desk, chosen: Value) -> None:
    with desk.engine.begin() as connection:
        other = account(connection, number="2000000001")
        theirs = method(connection, other)
    for named in (chosen, Count(theirs)):
        with pytest.raises(CallError):
            desk.ask(methods.choose, methods.CHOOSE, method=named)


def test_what_was_removed_can_not_be_chosen(desk: Desk) -> None:
    kept = desk.keep()
    assert desk.ask(methods.choose, methods.CHOOSE, method=Text(str(kept))).outcome == "chosen"
    assert desk.remove(kept) == "removed"
    with pytest.raises(CallError):
        desk.ask(methods.choose, methods.CHOOSE, method=Text(str(kept)))


@pytest.mark.parametrize(("status", "may"), [("active", True), ("closed", False)])
def test_who_removed_one_may_have_another_for_autopay_unless_closed(
    desk: Desk, status: str, may: bool
) -> None:
    kept = desk.keep()
    with desk.engine.begin() as connection:
        connection.execute(update(tables.accounts).values(status=status))
    reply = desk.ask(methods.remove, methods.REMOVE, method=Count(kept))
    assert reply == Replied("removed", {"may-autopay": YesNo(may)})


def test_removing_ends_the_consent(desk: Desk) -> None:
    said = {"account_id": desk.account, "call_sid": "CA-then", "turn": 3, "language": "en"}
    agreed = {"kind": "stored-method", "words": "We keep it.", "given_at": NOW - timedelta(days=9)}
    with desk.engine.begin() as connection:
        consent = consents.give(connection, {**said, **agreed})
    assert desk.remove(desk.keep(consent_id=consent)) == "removed"
    with desk.engine.begin() as connection:
        ended = connection.execute(select(tables.consents.c.revoked_at)).scalar_one()
    assert ended == NOW


def test_what_autopay_takes_from_stays(desk: Desk) -> None:
    kept = desk.keep()
    with desk.engine.begin() as connection:
        enrolled(connection, desk.account, kept)
    assert desk.offered().fields["autopay"] == YesNo(True)
    assert desk.remove(kept) == "in-use"
    assert desk.offered().outcome == "one"


def test_without_an_account_nothing_is_told(desk: Desk) -> None:
    stranger = replace(call(), identity=Identity())
    with desk.engine.begin() as connection, pytest.raises(CallError):
        methods.listed(context(connection, stranger), Request(methods.LIST))


def test_a_card_that_another_call_enrols_with_right_now_stays(desk: Desk) -> None:
    kept = desk.keep()
    who = Identity(Level.VERIFIED, desk.account, desk.account)
    chosen = Request(autopay.ENROL, {"method": Text(str(kept))})
    with ThreadPoolExecutor(1) as caller:
        with desk.engine.begin() as connection:
            assert autopay.enrol(context(connection, call("CA2", identity=who)), chosen).outcome
            removing = caller.submit(desk.remove, kept)
            wait([removing], timeout=0.2)  # one that does not wait for the other ends here
        assert removing.result(20) == "in-use"
