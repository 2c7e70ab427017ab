"""What a call knows: the fields services replied, and the caller's answers, by name."""

from collections.abc import Iterable, Mapping

from ivr.dialog.directives import Values
from ivr.flows.model import Ref, Source, Word
from ivr.prompts.values import Money, Text, Value, YesNo

Facts = Mapping[str, Value]


class Memory:
    """The facts of a call while a turn is under way; an answer is the field "" of its name."""

    def __init__(self, facts: Mapping[str, Facts]) -> None:
        self.facts = dict(facts)

    def keep(self, name: str, fields: Facts) -> None:
        """Remember fields in place of what the name held before."""
        self.facts[name] = fields

    def keep_answer(self, name: str, value: Value) -> None:
        """Remember an answer."""
        self.facts[name] = {"": value}

    def value(self, ref: Ref) -> Value | None:
        """A field or an answer, or None where it was never given or may not be known."""
        return self.facts.get(ref.name, {}).get(ref.field)

    def holds(self, needs: Ref | None) -> bool:
        """Whether a `needs:` is met; what is not known is no."""
        return needs is None or self.value(needs) == YesNo(True)

    def cents(self, bound: int | Ref | None) -> int | None:
        """A bound of an amount, in cents."""
        if not isinstance(bound, Ref):
            return bound
        value = self.value(bound)
        return value.cents if isinstance(value, Money) else None

    def bind(self, binds: Iterable[tuple[str, Source]]) -> Values | None:
        """The values for a prompt's placeholders; None where one is not known."""
        values: list[tuple[str, Value]] = []
        for name, source in binds:
            value = Text(source.text) if isinstance(source, Word) else self.value(source)
            if value is None:
                return None
            values.append((name, value))
        return tuple(values)
