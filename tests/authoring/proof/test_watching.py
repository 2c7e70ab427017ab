"""What claims remember of a call, turn by turn."""

from dataclasses import replace

from ivr.authoring.proof.happenings import AT, CARD, NOT_RINGING, RINGS, Ringing, answered
from ivr.authoring.proof.states import Watch
from ivr.authoring.proof.watching import watched
from ivr.dialog.call import Call, Identity, Spot
from ivr.dialog.engine import advance
from ivr.dialog.events import Arrived, CardTaken, Event, Rang, Replied, Silent
from ivr.dialog.turns import Turn
from ivr.flows.model import Book
from ivr.flows.services import Level
from ivr.prompts.values import Money
from tests.authoring.proof.books import small_book
from tests.line import SHIPPED

KNOWN = Identity(Level.VERIFIED, 7, 7)
TEN, TWENTY = Money(1000), Money(2000)


class Watched:
    """A call, and what is remembered of it."""

    def __init__(self, book: Book, spot: Spot | None = None, **memory: dict[str, Money]) -> None:
        self.book, self.watch = book, Watch()
        line = next(iter(book.lines.values()))
        call = Call("CA1", book.digest, line.number, None, "en", identity=KNOWN, spot=spot)
        self.call = replace(call, memory=memory)
        self.turn: Turn | None = None

    def hear(self, *events: Event) -> "Watched":
        for event in events:
            turn = advance(self.book, self.call, event)
            self.watch = watched(self.book, self.watch, event, self.call, turn)
            self.call, self.turn = turn.call, turn
        return self


def agreeing() -> Watched:
    """Somebody who is asked whether to pay ten dollars."""
    return Watched(small_book(), Spot("pay", 2), payment={"amount": TEN})


def test_a_yes_is_to_the_amount_that_was_spoken() -> None:
    assert agreeing().hear(answered("1")).watch == Watch(agreed=TEN, about="payment")


def test_anything_but_yes_is_no_yes() -> None:
    for event in (answered("2"), answered("5"), answered("9"), answered("0"), Silent(AT)):
        assert agreeing().hear(event).watch.agreed is None


def test_a_service_takes_the_yes_down_and_it_is_used_up() -> None:
    call = agreeing().hear(answered("1"), Replied("intended"))
    assert call.watch == Watch(intended=True)
    charged = call.hear(CardTaken(AT, "given", CARD), Replied("charged"))
    assert not charged.watch.intended


def test_a_service_that_does_not_take_it_down_ends_it() -> None:
    call = agreeing().hear(answered("1"), Replied("unavailable"))
    assert (call.watch.agreed, call.watch.intended) == (None, False)


def test_a_charge_that_goes_on_to_another_question_has_to_be_agreed_anew() -> None:
    intended = agreeing().hear(answered("1"), Replied("intended"))
    again = intended.hear(CardTaken(AT, "stopped"))
    assert (again.watch.agreed, again.watch.intended) == (None, False)


def test_a_card_that_was_hung_up_on_is_a_caller_who_is_gone() -> None:
    call = agreeing().hear(answered("1"), Replied("intended"), CardTaken(AT, "hung-up"))
    assert call.watch.gone


def ringing() -> Watched:
    return Watched(small_book(), Spot("main", -1)).hear(answered("0"))


def test_rings_are_counted_and_whether_somebody_picked_up() -> None:
    call = ringing()
    assert call.watch.ringing == NOT_RINGING
    assert call.hear(Replied("ring", RINGS)).watch.ringing == Ringing(1)
    assert call.hear(Rang(AT, bridged=False)).watch.ringing == Ringing(1)
    assert call.hear(Replied("next", RINGS)).watch.ringing == Ringing(2)
    assert call.hear(Rang(AT, bridged=True)).watch.ringing == Ringing(2, bridged=True)
    assert not call.watch.served
    talked = call.hear(Replied("talked"))
    assert talked.watch.served
    assert talked.watch.ringing == NOT_RINGING


def test_a_job_that_is_done_and_a_callback_that_was_tried_serve() -> None:
    assert Watched(small_book()).hear(Arrived(AT)).watch == Watch()
    paid = Watched(small_book(), Spot("pay", 5), payment={"amount": TEN})
    assert paid.hear(Replied("charged")).watch.served
    for outcome in ("kept", "number-needed", "refused", "unavailable"):
        tried = Watched(small_book(), Spot("callback", 0))
        fields = {"number": RINGS["number"]} if outcome == "kept" else {}
        assert tried.hear(Replied(outcome, fields)).watch.served


def test_who_heard_that_nobody_comes_is_alone_until_0_means_what_it_always_does() -> None:
    call = Watched(SHIPPED, Spot("main", -1)).hear(answered("0"), Replied("nobody"))
    assert call.watch.alone
    assert not call.hear(answered("*")).watch.alone
    late = Watched(SHIPPED, Spot("main", -1)).hear(answered("0"), Replied("ready"))
    assert not late.watch.alone
    assert late.hear(Replied("nobody")).watch.alone


def test_somebody_who_can_come_after_all_ends_it() -> None:
    call = ringing()
    call.watch = Watch(alone=True)
    assert not call.hear(Replied("ring", RINGS)).watch.alone


def test_nothing_is_remembered_of_an_amount_that_was_not_said_first() -> None:
    ask = small_book().flows["pay"].steps[2]
    book = small_book(("first: {say: you-will-pay", "prompt: {say: you-will-pay"))
    call = Watched(book, Spot("pay", 2), payment={"amount": TEN})
    assert getattr(ask, "first", None)
    assert call.hear(answered("1")).watch.agreed is None


def test_an_amount_that_is_told_anew_is_not_the_one_agreed_on() -> None:
    book = small_book()
    call = Watched(book, Spot("pay", 1), payment={"amount": TEN}, amount={"": TEN})
    call.watch = Watch(agreed=TEN, about="payment")
    after = watched(
        book,
        call.watch,
        Replied("unavailable"),
        call.call,
        advance(book, call.call, Replied("unavailable")),
    )
    assert after.agreed is None
