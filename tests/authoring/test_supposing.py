"""Services that reply what somebody supposes: how that is written, and what comes of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from ivr.authoring.supposing import Supposed, supposed, supposing
from ivr.dialog.call import Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import IvrError
from ivr.flows.services import RING, Level
from ivr.prompts.values import Kind, Money, YesNo
from ivr.services import balance
from ivr.services.context import Context, Entry, Remote
from ivr.services.table import SERVICES
from ivr.telemetry import Secret
from tests.builders import account, call, context
from tests.services.contract import kept


@pytest.fixture
def asked(sqlite_database: Engine, tmp_path: Path) -> Iterator[Connection]:
    with sqlite_database.begin() as connection:
        yield connection


def reply(context: Context, replies: list[Supposed], name: str, times: int = 1) -> list[Replied]:
    """What a service replies, asked so often, whatever its shape."""
    entry = supposing(SERVICES, replies)[name]
    request = Request(entry.service, secrets={"pin": Secret("1234")})
    return [_asked(entry, context, request) for _ in range(times)]


def _asked(entry: Entry, context: Context, request: Request) -> Replied:
    if isinstance(entry.run, Remote):
        found = entry.run.prepare(context, request)
        assert isinstance(found, Replied)
        return found
    return entry.run(context, request)


@pytest.mark.parametrize(
    "text",
    [
        "balance.read=unavailable",
        "caller.arrive=plain+matched",
        "balance.read=owes:has-due,-due",
        "pin.check=right+verified",
        "transfers.ring=next",
    ],
)
def test_a_reply_is_written_as_it_is_read(text: str) -> None:
    assert str(supposed(text, SERVICES)) == text


def test_its_parts_are_told_apart() -> None:
    found = supposed("balance.read=owes+matched:has-due,-due", SERVICES)
    assert found == Supposed("balance.read", "owes", ("has-due",), ("due",), "matched")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", '"" supposes nothing; write SERVICE=OUTCOME, as balance.read=owes'),
        ("balance.read", '"balance.read" supposes nothing'),
        ("balance.read=owes+king", '"balance.read=owes+king" supposes nothing'),
        ("balance.reads=owes", 'there is no service "balance.reads"; there are account.candidates'),
        ("balance.read=rich", 'balance.read has no outcome "rich"; it has owes'),
        ("balance.read=owes:-luck", 'balance.read tells no "luck" with owes'),
        (
            "balance.read=owes:has-due,can-pay,has-no-due",
            "balance.read never tells has-due and has-no-due at once",
        ),
    ],
)
def test_what_is_wrong_is_said(text: str, wrong: str) -> None:
    with pytest.raises(IvrError) as error:
        supposed(text, SERVICES)
    assert str(error.value).startswith(wrong)


def test_a_supposed_reply_keeps_to_what_the_service_declares(asked: Connection) -> None:
    state = call("CA1", identity=Identity(Level.VERIFIED, account(asked), 1))
    for name, entry in SERVICES.items():
        for outcome, fields in entry.service.every_outcome().items():
            without = tuple(it for it, field in fields.items() if field.maybe)
            for said in (Supposed(name, outcome), Supposed(name, outcome, (), without)):
                (found,) = reply(context(asked, state), [said], name)
                assert kept(entry.service, state, found).outcome == outcome


def test_every_yes_brings_what_it_tells_of_and_nothing_else_does(asked: Connection) -> None:
    state = call("CA1", identity=Identity(Level.VERIFIED, account(asked), 1))
    for name, entry in SERVICES.items():
        for outcome, fields in entry.service.every_outcome().items():
            for fact in (it for it, field in fields.items() if field.kind is Kind.YES_NO):
                tied = {it for it, field in fields.items() if field.there}
                told = {it for it in tied if fields[it].there == fact}
                for without in ((), tuple(tied)):
                    said = Supposed(name, outcome, (fact,), without)
                    (found,) = reply(context(asked, state), [said], name)
                    kept(entry.service, state, found)
                    assert tied & set(found.fields) == told


def test_facts_are_yes_no_or_left_out_as_it_is_said(asked: Connection) -> None:
    said = supposed("balance.read=owes:has-due", SERVICES)
    (found,) = reply(context(asked, call("CA1")), [said], "balance.read")
    told = {name for name, value in found.fields.items() if value == YesNo(True)}
    assert told == {"has-due"}
    assert "due" in found.fields
    assert "last-payment" not in found.fields
    assert isinstance(found.fields["balance"], Money)
    left = supposed("person.find=ready:has-number,-number", SERVICES)
    (found,) = reply(context(asked, call("CA1")), [left], "person.find")
    assert set(found.fields) == {"has-number"}


def test_whoever_asks_takes_the_next_reply_and_then_the_real_one(asked: Connection) -> None:
    state = call("CA1", identity=Identity(Level.MATCHED, account(asked, "84.20")))
    said = [Supposed("balance.read", it) for it in ("unavailable", "no-bill")]
    found = reply(context(asked, state), said, "balance.read", times=3)
    assert [it.outcome for it in found] == ["unavailable", "no-bill", "owes"]
    assert found[2].fields["balance"] == Money(8420)


def test_a_service_in_three_parts_replies_at_once_and_then_as_ever(
    asked: Connection,
) -> None:
    mine = account(asked)
    state = call("CA1", identity=Identity(Level.MATCHED, mine))
    said = [Supposed("pin.check", "right", level="verified")]
    entry = supposing(SERVICES, said)["pin.check"]
    request = Request(entry.service, secrets={"pin": Secret("1234")})
    first = _asked(entry, context(asked, state), request)
    assert first == Replied("right", identity=Identity(Level.VERIFIED, mine, mine))
    assert isinstance(entry.run, Remote)
    really = SERVICES["pin.check"].run
    assert isinstance(really, Remote)
    assert entry.run.prepare(context(asked, state), request) == really.prepare(
        context(asked, state), request
    )


def test_somebody_without_an_account_becomes_the_first_there_is(asked: Connection) -> None:
    mine = account(asked)
    said = [Supposed("caller.arrive", "plain", level="matched")]
    (found,) = reply(context(asked, call("CA1")), said, "caller.arrive")
    assert found.identity == Identity(Level.MATCHED, mine, mine)


def test_a_supposed_ring_rings_a_phone(asked: Connection) -> None:
    for outcome in RING.every_outcome():
        said = [Supposed(RING.name, outcome)]
        (found,) = reply(context(asked, call("CA1")), said, RING.name)
        assert set(found.fields) == ({"number", "offer"} if outcome in {"ring", "next"} else set())


def test_services_nobody_supposes_about_are_the_same_ones() -> None:
    services = supposing(SERVICES, [Supposed("balance.read", "owes")])
    assert services["pin.check"] is SERVICES["pin.check"]
    assert services["balance.read"].service is balance.READ
