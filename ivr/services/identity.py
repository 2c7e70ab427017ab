"""Who is calling: by caller ID, by account number and ZIP, by PIN."""

from dataclasses import dataclass
from datetime import timedelta

from ivr.dialog.call import Call, Identity
from ivr.dialog.events import Replied
from ivr.dialog.phones import us_phone
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Choice, Choices, Digits, Kind, Text
from ivr.services.context import Context, Remote
from ivr.store import identity
from ivr.store.identity import Owner
from ivr.store.pins import check_pin
from ivr.telemetry import Secret

MOST_LISTED = 6
MOST_MISSES = 5
MISSES_WITHIN = timedelta(hours=1)
MOST_WRONG_PINS = 5
LOCKED_MINUTES = 30
ENDING = 4

CANDIDATES = Service(
    name="account.candidates",
    outcomes={
        "several": {"accounts": Field(Kind.CHOICES, prompts=("account-ending",))},
        "none": {},
    },
)
CHOOSE = Service(
    name="account.choose",
    takes={"account": Kind.TEXT},
    outcomes={"chosen": {}},
    grants={"chosen": Level.MATCHED},
)
IDENTIFY = Service(
    name="account.identify",
    takes={"number": Kind.DIGITS, "zip": Kind.DIGITS},
    outcomes={"matched": {}, "premise": {}, "not-found": {}, "too-many": {}},
    grants={"matched": Level.MATCHED},
)
PIN_STATUS = Service(
    name="pin.status",
    level=Level.MATCHED,
    outcomes={"ready": {}, "none": {}, "locked": {}},
)
PIN_CHECK = Service(
    name="pin.check",
    level=Level.MATCHED,
    takes={"pin": Kind.DIGITS},
    secrets=frozenset({"pin"}),
    outcomes={"right": {}, "wrong": {}, "locked": {}, "none": {}},
    grants={"right": Level.VERIFIED},
)


def candidates(context: Context, request: Request) -> Replied:
    """The accounts on the caller's phone, where there are several to choose from."""
    found = _on_this_phone(context)
    if not 2 <= len(found) <= MOST_LISTED:
        return Replied("none")
    return Replied("several", {"accounts": Choices(tuple(_choice(owner) for owner in found))})


def _on_this_phone(context: Context) -> list[Owner]:
    caller = context.call.caller
    return list(identity.owners(context.connection, caller)) if caller else []


def _choice(owner: Owner) -> Choice:
    return Choice(str(owner.id), "account-ending", (("ending", Digits(owner.number[-ENDING:])),))


def choose(context: Context, request: Request) -> Replied:
    """Match the caller to the account they chose, if it is on their phone."""
    chosen, caller = request.values["account"], context.call.caller
    if not (isinstance(chosen, Text) and caller):
        raise CallError("an account was chosen that was not offered")
    account = int(chosen.text)
    if not identity.owned(context.connection, account, caller):
        raise CallError("an account was chosen that is not on this phone")
    return Replied("chosen", identity=Identity(Level.MATCHED, account, account))


def identify(context: Context, request: Request) -> Replied:
    """An account number and its ZIP match; a phone number and its ZIP only tell the premise.

    Wrong numbers and wrong ZIPs sound alike, and guessing is limited per caller and per account.
    """
    number, zip_code = _typed(request, "number"), _typed(request, "zip")
    named = identity.by_number(context.connection, number)
    account = named[0].id if named else None
    if _guessed_too_often(context, account):
        return Replied("too-many")
    if named and named[1] == zip_code:
        return _found(context, Identity(Level.MATCHED, account, account), "matched")
    phone = None if named else us_phone(number)
    at_home = identity.owners_at(context.connection, phone, zip_code) if phone else ()
    if at_home:
        who = Identity(context.call.identity.level, context.call.identity.account, at_home[0].id)
        return _found(context, who, "premise")
    _note(context, account, found=False)
    return Replied("not-found")


def _typed(request: Request, name: str) -> str:
    value = request.values[name]
    if not isinstance(value, Digits):
        raise CallError(f"{name} is not digits")
    return value.text


def _guessed_too_often(context: Context, account: int | None) -> bool:
    call = context.call
    since = context.now - MISSES_WITHIN
    misses = identity.misses(context.connection, call.sid, call.caller, account, since)
    return max(misses) >= MOST_MISSES


def _found(context: Context, who: Identity, outcome: str) -> Replied:
    _note(context, who.premise, found=True)
    return Replied(outcome, identity=who)


def _note(context: Context, account: int | None, found: bool) -> None:
    identity.note_lookup(
        context.connection,
        {
            "call_sid": context.call.sid,
            "turn": context.turn,
            "caller": context.call.caller,
            "account_id": account,
            "found": found,
            "at": context.now,
        },
    )


def pin_status(context: Context, request: Request) -> Replied:
    """Whether there is a PIN to ask for."""
    return Replied(_status(context, identity.pin(context.connection, _account(context.call))))


def _status(context: Context, pin: identity.Pin | None) -> str:
    if pin is None:
        return "none"
    locked = pin.locked_until is not None and pin.locked_until > context.now
    return "locked" if locked else "ready"


def _account(call: Call) -> int:
    if call.identity.account is None:
        raise CallError("nobody is matched")
    return call.identity.account


@dataclass(frozen=True, slots=True)
class PinTry:
    """A PIN to check, the hash to check it against, and wrong tries so far with this one."""

    pin: Secret
    hash: str
    pepper: str
    tries: int


def _prepare_pin(context: Context, request: Request) -> PinTry | Replied:
    """Count the try before it is checked, so that no two calls get more tries than one."""
    account = _account(context.call)
    pin = identity.pin(context.connection, account)
    status = _status(context, pin)
    if pin is None or status != "ready":
        return Replied(status)
    tries = identity.count_pin_try(
        context.connection, context.call.sid, context.turn, account, context.now
    )
    tries = pin.wrong if tries is None else tries
    if tries > MOST_WRONG_PINS:
        identity.lock_pin(context.connection, account, context.now, LOCKED_MINUTES)
        return Replied("locked")
    typed = request.secrets["pin"]
    if not isinstance(typed, Secret):
        raise CallError("a PIN must be a secret")
    return PinTry(typed, pin.hash, context.settings.pin_pepper, tries)


def _check_pin(job: PinTry) -> bool:
    return check_pin(job.pin.reveal(), job.hash, job.pepper)


def _settle_pin(context: Context, request: Request, job: PinTry, right: bool) -> Replied:
    account = _account(context.call)
    if right:
        identity.pin_was_right(context.connection, account)
        return Replied("right", identity=Identity(Level.VERIFIED, account, account))
    if job.tries >= MOST_WRONG_PINS:
        identity.lock_pin(context.connection, account, context.now, LOCKED_MINUTES)
        return Replied("locked")
    return Replied("wrong")


pin_check = Remote(_prepare_pin, _check_pin, _settle_pin)
"""Not the network but a slow hash: it must not be computed inside a transaction."""
