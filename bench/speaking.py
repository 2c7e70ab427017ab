"""`python -m bench.speaking`: the model of speaking times beside a real synthesiser, espeak-ng.

Every prompt of the shipped book is spoken with typical values, its numbers in words, since this
voice reads "$84.20" as "dollar 84 point 2 0". Silence around the words does not count.
"""

import array
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from statistics import mean

import click

from bench.servers import ROOT
from ivr.authoring.aloud import aloud
from ivr.authoring.speaking import counted, speaking_seconds
from ivr.flows import load_book
from ivr.prompts.values import (
    Date,
    Digits,
    Hours,
    Key,
    Kind,
    Moment,
    Money,
    Opening,
    Phone,
    Reference,
    Text,
    Value,
    Words,
)
from ivr.services.table import CHANNEL_PROMPTS, declared

SYNTHESISER = "espeak-ng"
VOICES: Mapping[str, tuple[str, int]] = {"en": ("en-us", 135), "es": ("es-419", 168)}
"""A voice and its speed (-s), about 160 words a minute; the passage shows how close."""
QUIET = 150  # of 32,767; below this a sample is silence
WORST = 5
TARGET = 0.10

PASSAGES: Mapping[str, str] = {
    "en": "The North Wind and the Sun were disputing which was the stronger, when a traveler came "
    "along wrapped in a warm cloak. They agreed that the one who first succeeded in making the "
    "traveler take his cloak off should be considered stronger than the other. Then the North Wind "
    "blew as hard as he could, but the more he blew the more closely did the traveler fold his "
    "cloak around him; and at last the North Wind gave up the attempt. Then the Sun shone out "
    "warmly, and immediately the traveler took off his cloak. And so the North Wind was obliged to "
    "confess that the Sun was the stronger of the two.",
    "es": "El viento norte y el sol porfiaban sobre cuál de ellos era el más fuerte, cuando acertó "
    "a pasar un viajero envuelto en ancha capa. Convinieron en que quien antes lograra obligar al "
    "viajero a quitarse la capa sería considerado más poderoso. El viento norte sopló con gran "
    "furia, pero cuanto más soplaba, más se arrebujaba en su capa el viajero; por fin el viento "
    "norte abandonó la empresa. Entonces brilló el sol con ardor, e inmediatamente se despojó de "
    "su capa el viajero; por lo que el viento norte hubo de reconocer la superioridad del sol.",
}
"""Aesop's fable, which phoneticians record in every language (Handbook of the International
Phonetic Association)."""

TYPICAL: Mapping[Kind, Value] = {
    Kind.MONEY: Money(8420),
    Kind.DATE: Date(date(2026, 12, 5)),
    Kind.MOMENT: Moment(datetime(2026, 11, 23, 16, 30, tzinfo=UTC), 0),
    Kind.DIGITS: Digits("0042"),
    Kind.REFERENCE: Reference("40278815"),
    Kind.PHONE: Phone("+12025550142"),
    Kind.WORDS: Words(("internet",)),
    Kind.HOURS: Hours((Opening(0, 4, 480, 1200), Opening(5, 5, 540, 1020))),
    Kind.KEY: Key("3"),
    Kind.TEXT: Text("Northside Cable"),
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """One text, how long the synthesiser took for it and how long the model says it takes."""

    key: str
    text: str
    measured: float
    modelled: float

    @property
    def error(self) -> float:
        """How far the model is off, as a part of what was measured."""
        return abs(self.modelled - self.measured) / self.measured


@click.command()
@click.option("--fit", is_flag=True, help="Also print the rates that would fit best.")
def main(fit: bool) -> None:
    """How far the model of speaking times is off, prompt by prompt."""
    if shutil.which(SYNTHESISER) is None:
        click.echo(f"{SYNTHESISER} is not installed, so there is nothing to compare with; skipped.")
        return
    for language in VOICES:
        spoken = list(_prompts(language))
        _show(language, spoken)
        if fit:
            rates = ", ".join(f"{rate:.4f}" for rate in best_rates(spoken, language))
            click.echo(f"  best letter, comma, stop, begin: {rates}")


def _show(language: str, spoken: Sequence[Spoken]) -> None:
    off = mean(it.error for it in spoken)
    verdict = "as promised" if off < TARGET else f"MORE than {TARGET:.0%}"
    passage = PASSAGES[language]
    a_minute = len(passage.split()) * 60
    click.echo(
        f"{language}: {len(spoken)} prompts, mean error {off:.1%} ({verdict}); the passage takes "
        f"{a_minute / _seconds(passage, language):.0f} words a minute, "
        f"{a_minute / speaking_seconds(passage, language):.0f} by the model"
    )
    for it in sorted(spoken, key=lambda it: -it.error)[:WORST]:
        click.echo(f"  {it.error:4.0%}  {it.measured:.2f} s, model {it.modelled:.2f} s  {it.key}")


def _prompts(language: str) -> Iterator[Spoken]:
    catalogue = load_book(ROOT, declared(), CHANNEL_PROMPTS).catalogue
    for key, prompt in catalogue.prompts[language].items():
        values = {name: TYPICAL[kind] for name, kind in prompt.placeholders}
        text = catalogue.text(key, language, values)
        measured = _seconds(aloud(text, language), language)
        yield Spoken(key, text, measured, speaking_seconds(text, language))


def _seconds(text: str, language: str) -> float:
    """From the first sound to the last, as the synthesiser speaks it: 16 bits, one channel."""
    voice, speed = VOICES[language]
    command = [SYNTHESISER, "-v", voice, "-s", str(speed), "--stdout", text]
    sound = subprocess.run(command, capture_output=True, check=True).stdout
    samples = array.array("h")
    data = sound[sound.index(b"data") + 8 :]
    samples.frombytes(data[: len(data) // 2 * 2])
    loud = [at for at, sample in enumerate(samples) if abs(sample) > QUIET]
    return (loud[-1] - loud[0]) / int.from_bytes(sound[24:28], "little")


def best_rates(spoken: Sequence[Spoken], language: str) -> list[float]:
    """Seconds for a letter, a comma, a stop and to begin: least squares of the relative error."""
    rows = [(*counted(it.text, language), 1, it.measured) for it in spoken]
    weighted = [[term / it.measured for term in row] for row, it in zip(rows, spoken, strict=True)]
    unknowns = range(len(rows[0]) - 1)
    return _solved([[_product(weighted, i, j) for j in range(len(rows[0]))] for i in unknowns])


def _product(rows: Sequence[Sequence[float]], one: int, other: int) -> float:
    return sum(row[one] * row[other] for row in rows)


def _solved(matrix: list[list[float]]) -> list[float]:
    """The solution of linear equations, by Gauss and Jordan; the last column is the right side."""
    for i, row in enumerate(matrix):
        matrix[i] = row = [term / row[i] for term in row]
        for j, other in enumerate(matrix):
            if j != i:
                matrix[j] = [a - other[i] * b for a, b in zip(other, row, strict=True)]
    return [row[-1] for row in matrix]


if __name__ == "__main__":
    main()
