"""Every conversation in tests/transcripts/, played on the engine alone and over HTTP.

Both must say what the file says, so they also say the same. Where words have changed on purpose:
`python -m tests.transcripts.record`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.carrier.recording import transcript
from ivr.store.engine import connect
from tests.line import LINE, SHIPPED, line
from tests.transcripts import by_phone, on_engine, script

PLAYS = [
    (conversation, language)
    for conversation in map(script.read, script.names())
    for language in conversation.languages
]
ON_POSTGRESQL = [(one, language) for one, language in PLAYS if one.on_postgresql]


def named(play: object) -> str | None:
    return play.name if isinstance(play, script.Script) else None


def as_written(conversation: script.Script, language: str) -> list[list[str]]:
    """What each act of a file says is heard."""
    return [list(act.heard.get(language, ())) for act in conversation.acts]


@pytest.fixture(scope="session")
def renewed(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Engine]]:
    """Gives the demo's database as it was before the last conversation."""
    with by_phone.demo(sqlite_template, tmp_path_factory.mktemp("demo")) as renew:
        yield renew


@pytest.fixture
def demo_database(renewed: Callable[[], Engine]) -> Engine:
    """An engine on the demo data alone."""
    return renewed()


@pytest.mark.parametrize(("conversation", "language"), PLAYS, ids=named)
def test_the_line_says_it_on_the_phone(
    conversation: script.Script, language: str, demo_database: Engine, tmp_path: Path
) -> None:
    play = by_phone.play(conversation, language, demo_database, tmp_path)
    assert play.heard == as_written(conversation, language)
    assert play.replies == script.read_replies(conversation, language)


@pytest.mark.parametrize(("conversation", "language"), ON_POSTGRESQL, ids=named)
def test_it_makes_no_difference_that_the_database_is_postgresql(
    conversation: script.Script, language: str, clean_postgresql_url: str, tmp_path: Path
) -> None:
    engine: Engine = connect(clean_postgresql_url)
    try:
        by_phone.load(engine)
        play = by_phone.play(conversation, language, engine, tmp_path)
    finally:
        engine.dispose()
    assert play.heard == as_written(conversation, language)


@pytest.mark.parametrize(("conversation", "language"), PLAYS, ids=named)
def test_the_engine_alone_says_it(conversation: script.Script, language: str) -> None:
    written = on_engine.expected(conversation, language, SHIPPED)

    def check(place: int, heard: list[str]) -> None:
        assert heard == written[place], f"act {place + 1}, {conversation.acts[place]}"

    on_engine.play(conversation, language, script.read_replies(conversation, language), check)


def test_a_recorded_call_is_a_conversation(renewed: Callable[[], Engine], tmp_path: Path) -> None:
    phone = line(renewed(), tmp_path).ring("anonymous")
    for keys in ("1", "1000000142#", "60601", ""):
        phone.press(keys)
    written = script.parse("recorded", transcript("anonymous", LINE, phone.heard))
    play = by_phone.play(written, "en", renewed(), tmp_path)
    said = [" ".join(words) for words in as_written(written, "en")]
    assert said[-2].startswith("You owe $84.20")
    heard = [" ".join(lines).removesuffix(f" {script.HANGS_UP}") for lines in play.heard]
    assert heard == said


def test_no_file_of_replies_has_lost_its_conversation() -> None:
    assert sorted(file.stem for file in script.REPLIES.glob("*.json")) == script.names()
