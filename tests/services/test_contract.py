"""The contract itself: every way to break it is told, and what keeps it is handed on."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.dialog.call import Call, Identity
from ivr.dialog.events import Replied
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Choice, Choices, Date, Kind, Money, Text, Value, Words, YesNo
from ivr.services import charging, outages
from tests.builders import call
from tests.line import line
from tests.services.contract import KEPT, KINDS, kept

SERVICE = Service(
    "bill.read",
    {
        "owes": {
            "balance": Field(Kind.MONEY),
            "due": Field(Kind.DATE, maybe=True),
            "about": Field(Kind.WORDS, prompts=("tv", "internet"), maybe=True),
            "things": Field(Kind.CHOICES, prompts=("one",), maybe=True),
        },
        "matched": {},
    },
    grants={"matched": Level.MATCHED},
)
OWES: dict[str, Value] = {"balance": Money(100)}
STRANGER = Identity()
THEIRS = Identity(Level.MATCHED, 7, 7)


def reply(identity: Identity | None = None, **fields: Value) -> Replied:
    return Replied("owes", {**OWES, **fields}, identity)


def listed(*prompts: str) -> Choices:
    return Choices(tuple(Choice(str(place), it) for place, it in enumerate(prompts)))


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (reply(), call("CA1")),
        (reply(about=Words(("tv",)), things=listed(*["one"] * 6)), call("CA1")),
        (Replied("unavailable"), call("CA1")),
        (Replied("matched", identity=THEIRS), call("CA1")),
        (Replied("matched"), call("CA1")),
        (reply(Identity(Level.MATCHED, 7, 9)), call("CA1", identity=THEIRS)),
    ],
)
def test_what_keeps_the_contract_is_handed_on(said: Replied, state: Call) -> None:
    assert kept(SERVICE, state, said) is said


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (Replied("never"), "no such outcome is declared"),
        (Replied("unavailable", OWES), "balance is not declared"),
        (Replied("owes"), "balance is missing and not maybe"),
        (reply(balance=Text("much")), "balance is Text, not money"),
        (reply(balance=YesNo(True)), "balance is YesNo, not money"),
        (reply(about=Words(("tv", "phone"))), "about says phone, not declared"),
        (reply(about=Words(())), "about has no words"),
        (reply(things=listed()), "things lists 0 things"),
        (reply(things=listed(*["one"] * 7)), "things lists 7 things"),
        (reply(things=listed("two")), "things offers two, not declared"),
        (reply(THEIRS), "makes somebody else of the caller, and grants nothing"),
        (Replied("matched", identity=Identity(Level.VERIFIED, 7)), "raises to VERIFIED, not MATCH"),
        (Replied("matched", identity=STRANGER), "raises to UNKNOWN, not MATCHED"),
    ],
)
def test_what_breaks_the_contract_is_told(said: Replied, wrong: str) -> None:
    with pytest.raises(AssertionError, match=wrong):
        kept(SERVICE, call("CA1", identity=STRANGER), said)


def test_another_account_without_a_grant_breaks_it() -> None:
    with pytest.raises(AssertionError, match="makes somebody else"):
        kept(SERVICE, call("CA1", identity=THEIRS), reply(Identity(Level.MATCHED, 8)))


def test_every_kind_of_value_and_every_service_is_held_to_it() -> None:
    assert set(KINDS) == set(Kind)
    assert KINDS[Kind.DATE] is Date
    assert "transfers.ring" in KEPT


def test_lines_and_the_tests_of_services_are_held_to_it(
    sqlite_database: Engine, tmp_path: Path
) -> None:
    assert line(sqlite_database, tmp_path).office.services is KEPT
    assert outages.report is KEPT["outages.report"].run
    assert charging.charge is KEPT["payments.charge"].run
