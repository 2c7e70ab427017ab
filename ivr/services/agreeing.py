"""What a caller agreed to, kept in exactly the words they heard."""

from collections.abc import Mapping

from ivr.prompts.values import Text, Value
from ivr.services.context import Context
from ivr.store import consents


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
    """Write a consent down and return its id. `recording` names the spoken yes, if it was one."""
    return consents.give(
        context.connection,
        {
            "account_id": account,
            "kind": kind,
            "language": context.call.language,
            "words": words(context, prompt, values),
            "recording": recording,
            "call_sid": context.call.sid,
            "turn": context.turn,
            "given_at": context.now,
        },
    )
