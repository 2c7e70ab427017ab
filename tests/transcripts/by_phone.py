"""Plays a conversation as the carrier would: signed webhooks, TwiML, a real database."""

import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, groupby
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from ivr.carrier import Phone
from ivr.carrier.waits import Heard
from ivr.store.demo import load_demo
from ivr.store.engine import connect
from ivr.store.tables import events
from ivr.telemetry import COUNTS
from tests.line import MONDAY_NOON, ORIGIN, TOKEN
from tests.transcripts.on_engine import CARD, dialled
from tests.transcripts.script import (
    AGENT,
    HANGS_UP,
    LEAVES,
    NOTHING,
    TALK,
    Act,
    Reply,
    Script,
    sentences,
)
from tests.transcripts.stage import Stage, stage

PEPPER = "a pepper for tests"
TROUBLES = ("rescued", "calls lost")


def load(engine: Engine) -> None:
    """Fill a migrated database with the demo data, as of the conversations' first noon."""
    with engine.begin() as connection:
        load_demo(connection, MONDAY_NOON, PEPPER)


@contextmanager
def demo(migrated: Path, folder: Path) -> Iterator[Callable[[], Engine]]:
    """Gives an engine whose SQLite database has nothing but the demo data each time it is asked.

    It is one engine, since each would compile every statement of its own.
    """
    template, file = folder / "demo.db", folder / "ivr.db"
    shutil.copyfile(migrated, template)
    filling = connect(f"sqlite:///{template}")
    load(filling)
    filling.dispose()
    engine = connect(f"sqlite:///{file}")

    def renewed() -> Engine:
        engine.dispose()
        for suffix in ("-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(template, file)
        return engine

    try:
        yield renewed
    finally:
        engine.dispose()


@contextmanager
def drawn_in_order() -> Iterator[None]:
    """Confirmation numbers and references that are the same in every run."""
    drawn = count(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "randbelow", lambda below: next(drawn) * 27_182_818 % below)
        yield


@dataclass
class Play:
    """A conversation under way: what was heard during each act, and what services answered."""

    stage: Stage
    language: str
    phone: Phone | None = None
    seen: int = 0
    heard: list[list[str]] = field(default_factory=list)
    replies: list[list[Reply]] = field(default_factory=list)

    def act(self, act: Act) -> None:
        """Do what the caller, or others, do."""
        before = len(self.phone.heard) if self.phone else 0
        if act.kind == "call":
            before = 0
            self._call(act)
        elif act.kind == "meanwhile":
            self.stage.change(act.value)
            if self.phone:
                self.phone.agents = self.stage.line.agents
        elif self.phone:
            _do(self.phone, act)
        self.heard.append(self._since(before, act))
        self.replies.append(self._answers(left=LEAVES in self.heard[-1]))

    def _call(self, act: Act) -> None:
        """A telephone rings the line; between two calls a minute passes."""
        if self.phone:
            self.phone.drop()
            _check(self.phone)
            self.stage.line.clock.forward(minutes=1)
        line = self.stage.line
        self.phone, self.seen = (
            Phone(
                f"{ORIGIN}/voice",
                TOKEN,
                act.value,
                dialled(act, self.language),
                line.clock.now.date(),
                post=line.post,
                agents=line.agents,
                broken_connectors=("Default",) if self.stage.connector == "down" else (),
                extra={"StirVerstat": "TN-Validation-Failed-A"} if "forged" in act.more else None,
            ),
            0,
        )
        self.phone.dial()

    def _since(self, before: int, act: Act) -> list[str]:
        """The sentences of this act, and how the call ended where the line ended it."""
        if self.phone is None or act.kind == "meanwhile":
            return []
        lines: list[str] = []
        for to, pieces in groupby(self.phone.heard[before:], _side):
            texts = [piece.text for piece in pieces]
            if to == "agent":
                lines += [AGENT + text for text in texts]
            elif to:
                lines += [to] if to in (TALK, LEAVES) else sentences(texts)
        if act.kind == "hang-up":
            return []
        return [*lines, HANGS_UP] if self.phone.ended and LEAVES not in lines else lines

    def _answers(self, left: bool) -> list[Reply]:
        """What services and the carrier answered since the last act, as the store has it."""
        if self.phone is None:
            return []
        query = select(events.c.turn, events.c.kind, events.c.data).where(
            events.c.call_sid == self.phone.sid, events.c.kind.in_(("replied", CARD))
        )
        with self.stage.line.office.engine.connect() as connection:
            rows = connection.execute(query.order_by(events.c.turn, events.c.seq)).all()
        new, self.seen = rows[self.seen :], len(rows)
        # A turn that comes because the caller has left is heard by nobody.
        heard = [row for row in new if not left or row.turn == new[0].turn]
        return [_reply(row.kind, json.loads(row.data)) for row in heard]


def _side(heard: Heard) -> str:
    """Who hears it, or what is told of it instead; empty for what is not told."""
    if heard.kind == "said":
        return heard.to
    if heard.kind == "hang-up" and heard.to == "caller":
        return LEAVES
    return TALK if heard.kind == "bridged" else ""


def _do(phone: Phone, act: Act) -> None:
    if act.kind == "hang-up":
        phone.hang_up()
    elif act.kind == CARD:
        phone.enter_card(act.value)
    elif act.kind == "bank":
        phone.enter_bank(act.value)
    elif act.kind == "say":
        phone.speak()
    elif act.value == NOTHING:
        phone.silence()
    else:
        phone.press(act.value)


def _reply(kind: str, data: dict[str, Any]) -> Reply:
    if kind == CARD:
        return {CARD: data["outcome"]}
    reply: Reply = {data.pop("service"): data.pop("outcome")}
    return reply | {name: value for name, value in data.items() if value}


def _check(phone: Phone) -> None:
    """Neither the carrier nor the line found anything wrong with the call."""
    assert not phone.errors, phone.errors
    assert not phone.warnings, phone.warnings
    assert not any(COUNTS[name] for name in TROUBLES), COUNTS


def play(script: Script, language: str, engine: Engine, folder: Path) -> Play:
    """Play a whole conversation on a database with the demo data."""
    for name in TROUBLES:
        del COUNTS[name]
    with drawn_in_order():
        playing = Play(stage(engine, folder, script.given), language)
        for act in script.acts:
            playing.act(act)
    if playing.phone:
        playing.phone.drop()
        _check(playing.phone)
    return playing
