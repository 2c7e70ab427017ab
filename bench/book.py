"""How long a large book takes to load, beside what PyYAML's C parser alone needs for its text."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import yaml

from bench.servers import ROOT
from ivr.flows import parse_book
from ivr.flows.load import read_sources
from ivr.services.table import CHANNEL_PROMPTS, declared

STEPS = 5000
STEPS_IN_A_FLOW = 50


@dataclass(frozen=True, slots=True)
class Loading:
    """Milliseconds: composing the text, loading the book, and the ratio of each pair."""

    steps: int
    compose_ms: float
    load_ms: float
    ratios: tuple[float, ...]


def load_times(rounds: int) -> Loading:
    """Compose and load the large book in alternated pairs."""
    sources = large_book()
    services = declared()
    composes, loads = [], []
    for _ in range(rounds):
        composes.append(_milliseconds(lambda: _compose(sources)))
        loads.append(_milliseconds(lambda: parse_book(sources, services, CHANNEL_PROMPTS)))
    ratios = sorted(load / compose for load, compose in zip(loads, composes, strict=True))
    return Loading(STEPS, median(composes), median(loads), tuple(ratios))


def large_book() -> dict[str, str]:
    """The shipped book with flows of 5,000 more steps, offered by menus that lead to them."""
    sources = read_sources(ROOT)
    flows = STEPS // STEPS_IN_A_FLOW
    added = "".join(_flow(number) for number in range(flows))
    sources["flows.yaml"] = sources["flows.yaml"].replace("\nflows:\n", f"\nflows:\n{added}", 1)
    for number in range(flows):
        sources[f"menus/large-{number}.yaml"] = _menu(number, flows)
    for language in ("en", "es"):
        sources[f"prompts/{language}.yaml"] += "".join(
            f'\nlarge-{number}: "part {number} of a large book"' for number in range(flows)
        )
    menu = sources["menus/main.yaml"]
    sources["menus/main.yaml"] = menu.replace("keys:\n", f"keys:\n{_option(0)}", 1)
    return sources


def _flow(number: int) -> str:
    steps = f"    - {{say: large-{number}, once: yes}}\n" * (STEPS_IN_A_FLOW - 1)
    return f"\n  large-{number}:\n{steps}    - go: menu large-{number}\n"


def _menu(number: int, flows: int) -> str:
    return f"keys:\n{_option((number + 1) % flows)}"


def _option(number: int) -> str:
    return f'  "4": {{offer: large-{number}, go: flow large-{number}}}\n'


def _compose(sources: dict[str, str]) -> None:
    for text in sources.values():
        yaml.compose(text, Loader=yaml.CSafeLoader)


def _milliseconds(job: Callable[[], object]) -> float:
    began = time.perf_counter()
    job()
    return (time.perf_counter() - began) * 1000
