import json
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert

from ivr.carrier.speech import speaking_seconds
from ivr.services import briefing
from ivr.store.offers import Offer
from ivr.store.tables import payments, pin_tries, reports
from ivr.store.tried import Try, tries
from tests.builders import NOW, account, book, prompts

SECONDS = 5
DEAREST = 99_999  # cents: a bill takes no longer to say unless it is of $1,000 or more


def offer(*facts: tuple[str, int], **values: Any) -> Offer:
    """A verified Spanish caller's offer to an agent who speaks English."""
    given = {
        "id": 7,
        "status": "accepted",
        "child": "CAleg",
        "over": False,
        "queue": "billing",
        "level": "verified",
        "language": "es",
        "reason": None,
        "tried": json.dumps(facts),
        "book": "b00c",
        "agent_languages": "en",
    }
    return Offer(**{**given, **values})


def words(said: list[Any]) -> str:
    catalogue = book().catalogue
    return " ".join(catalogue.text(one.prompt, one.language, dict(one.values)) for one in said)


def told(found: Offer) -> str:
    return words(briefing.context(found, book()))


def facts(*found: Try) -> Any:
    return json.loads(briefing.tried(found))


def payment(status: str, cents: int = 6240) -> Try:
    return Try("payment", status, cents)


def test_before_accepting_only_queue_and_language_are_named() -> None:
    full = offer(("agent-declined-twice", 6240), reason="pay")
    said = words(briefing.introduction(full, book()))
    assert said == "Northside Cable, billing, Spanish. Press 1."


def test_an_agent_hears_their_own_first_language() -> None:
    said = words(briefing.introduction(offer(agent_languages="es;en", language="en"), book()))
    assert said == "Northside Cable, facturación, inglés. Oprima 1."


@pytest.mark.parametrize("languages", [None, "fr;en"])
def test_an_agent_whose_language_the_book_lacks_hears_the_books_first(
    languages: str | None,
) -> None:
    assert briefing.language_of(offer(agent_languages=languages), book()) == "en"


def test_a_queue_or_language_without_a_prompt_is_named_as_the_book_does() -> None:
    said = words(briefing.introduction(offer(queue="fraud", language="fr"), book()))
    assert said == "Northside Cable, fraud, fr. Press 1."


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("unknown", "Not identified."),
        ("matched", "Account found."),
        ("verified", "PIN checked."),
    ],
)
def test_after_accepting_the_level_is_told(level: str, said: str) -> None:
    assert told(offer(level=level)) == said


def test_a_pin_that_led_no_further_was_wrong() -> None:
    tried = (briefing.WRONG_PIN, 0)
    assert told(offer(tried, level="matched")) == "PIN wrong."
    assert told(offer(tried, level="verified")) == "PIN checked."


def test_what_was_tried_is_told_and_comes_before_what_was_chosen() -> None:
    declined = ("agent-declined-twice", 6240)
    assert told(offer(declined, reason="pay")) == "PIN checked. Declined twice, $62.40."


def test_who_tried_nothing_is_announced_by_their_choice() -> None:
    assert told(offer(reason="pay")) == "PIN checked. Chose bill pay."


@pytest.mark.parametrize("reason", ["past-due-amount", "no-such-prompt", "account-number-help"])
def test_a_choice_that_cannot_be_said_shortly_is_left_out(reason: str) -> None:
    assert told(offer(reason=reason)) == "PIN checked."


@pytest.mark.parametrize(
    ("statuses", "fact"),
    [
        (["declined"], ["agent-declined-once", 6240]),
        (["declined", "declined"], ["agent-declined-twice", 6240]),
        (["declined"] * 3, ["agent-declined-often", 6240]),
        (["declined", "charged"], ["agent-paid", 6240]),
        (["declined", "canceled"], ["agent-payment-unfinished", 6240]),
        (["unknown"], ["agent-payment-unsure", 6240]),
    ],
)
def test_the_last_payment_is_what_counts(statuses: list[str], fact: list[Any]) -> None:
    assert facts(*map(payment, statuses)) == [fact]


def test_a_returned_payment_is_nothing_the_caller_tried() -> None:
    assert facts(payment("returned")) == []


def test_danger_comes_first_and_money_before_an_outage() -> None:
    paid, outage, danger = (
        payment("charged"),
        Try("report", "outage", 0),
        Try("report", "danger", 0),
    )
    assert [fact[0] for fact in facts(Try("pin", "", 0), paid, outage, danger)] == [
        "agent-danger",
        "agent-paid",
        "agent-outage",
        "agent-pin-wrong",
    ]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("level", ["unknown", "matched", "verified"])
def test_the_context_is_at_most_five_seconds(language: str, level: str) -> None:
    keys = {*briefing.PAYMENTS.values(), *briefing.DECLINED.values()}
    keys |= {"agent-declined-often", "agent-danger", "agent-outage"}
    every = [offer((key, DEAREST), level=level, agent_languages=language) for key in keys]
    wrong = ("agent-pin-wrong", 0)
    every += [offer((key, DEAREST), wrong, level=level, agent_languages=language) for key in keys]
    every += [offer(reason=key, level=level, agent_languages=language) for key in prompts(language)]
    slowest = max(every, key=lambda found: speaking_seconds(told(found)))
    assert speaking_seconds(told(slowest)) <= SECONDS, told(slowest)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_agent_prompt_is_shipped(language: str) -> None:
    assert set(briefing.AGENT_PROMPTS) <= set(prompts(language))


def pay(connection: Connection, account: int, sid: str, turn: int, status: str) -> None:
    row = {"account_id": account, "call_sid": sid, "turn": turn, "status": status}
    times = {"created_at": NOW, "updated_at": NOW}
    key = {"idempotency_key": f"{sid}-{turn}", "amount_cents": 6240}
    connection.execute(insert(payments).values({**row, **times, **key}))


def test_a_calls_own_tries_are_read_in_their_order(database: Engine) -> None:
    with database.begin() as connection:
        who = account(connection)
        for turn, status in enumerate(["declined", "charged"]):
            pay(connection, who, "CA1", turn, status)
        pay(connection, who, "CA2", 1, "unknown")
        connection.execute(
            insert(reports).values(
                reference="517220",
                account_id=who,
                service="all",
                call_sid="CA1",
                turn=3,
                created_at=NOW,
                last_touch_at=NOW,
                danger=True,
            )
        )
        for sid in ("CA1", "CA2"):
            row = {"call_sid": sid, "turn": 1, "account_id": who, "at": NOW}
            connection.execute(insert(pin_tries).values(row))
        found = tries(connection, "CA1")
    assert found == [
        Try("payment", "declined", 6240),
        Try("payment", "charged", 6240),
        Try("pin", "", 0),
        Try("report", "danger", 0),
    ]
