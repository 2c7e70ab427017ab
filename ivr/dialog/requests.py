"""What a `do` step asks its service: values of the call, words of the book, and secrets."""

from typing import TYPE_CHECKING

from ivr.dialog.events import Card
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.model import Do, Word
from ivr.prompts.values import Value
from ivr.telemetry import Secret

if TYPE_CHECKING:
    from ivr.dialog.walk import Walk


def request_of(walk: "Walk", step: Do) -> Request:
    """The request; a value that is not known is left out, and the service says what that means.

    Raises `CallError` where a secret is gone: it lives only until the step after its question.
    """
    values: dict[str, Value] = {}
    words: dict[str, str] = {}
    secrets: dict[str, Secret | Card] = {}
    for name, source in step.arguments:
        if isinstance(source, Word):
            words[name] = source.text
        elif name in step.service.secrets:
            if source.name not in walk.secrets:
                raise CallError(f"the secret {source.name} is gone")
            secrets[name] = walk.secrets[source.name]
        elif value := walk.memory.value(source):
            values[name] = value
    return Request(step.service, values, words, secrets)
