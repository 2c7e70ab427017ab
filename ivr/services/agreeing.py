"""What a caller agreed to, kept in exactly the words they heard, and sent to them."""

from collections.abc import Mapping

from ivr.flows.services import Field, Level
from ivr.prompts.values import Kind, Text, Value, YesNo
from ivr.services.context import Context
from ivr.services.outages import number_to_text
from ivr.services.spoken import CONSENT_COPY
from ivr.store import consents, receipts, texts
from ivr.store.consents import copy_key, reference

COPY = {
    "copy-texted": Field(Kind.YES_NO, Level.MATCHED, apart="copy"),
    "copy-mailed": Field(Kind.YES_NO, Level.MATCHED, apart="copy"),
}
"""How the caller gets a copy of what they agreed to in this turn."""


def copy_told(context: Context) -> dict[str, Value]:
    """The fields of `COPY`."""
    texted = consents.is_texted(context.connection, context.call.sid, context.turn)
    return {"copy-texted": YesNo(texted), "copy-mailed": YesNo(not texted)}


def words(context: Context, prompt: str | tuple[str, ...], values: Mapping[str, Value]) -> str:
    """A prompt, or several said one after the other, as this caller heard it in their language."""
    said = {"company": Text(context.book.company), **values}
    heard = (prompt,) if isinstance(prompt, str) else prompt
    text, language = context.book.catalogue.text, context.call.language
    return " ".join(text(one, language, said) for one in heard)


def agree(
    context: Context,
    account: int,
    kind: str,
    prompt: str | tuple[str, ...],
    values: Mapping[str, Value],
    recording: str | None = None,
) -> int:
    """Write a consent down and return its id. `recording` names the spoken yes, if it was one.

    A copy goes to the caller's phone, where it takes texts; otherwise it is owed by mail, as
    `ivr consents export` shows.
    """
    heard = words(context, prompt, values)
    consent = consents.give(
        context.connection,
        {
            "account_id": account,
            "kind": kind,
            "language": context.call.language,
            "words": heard,
            "recording": recording,
            "call_sid": context.call.sid,
            "turn": context.turn,
            "given_at": context.now,
        },
    )
    _send_copy(context, consent, heard)
    return consent


def _send_copy(context: Context, consent: int, heard: str) -> None:
    number = number_to_text(context)
    if number is None or receipts.is_landline(context.connection, number):
        return
    named = reference(consent)
    body = words(context, CONSENT_COPY, {"words": Text(heard), "reference": Text(named)})
    language = context.call.language
    texts.put(context.connection, copy_key(consent), number, body, language, context.now)
