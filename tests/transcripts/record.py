"""Writes down what is heard in the conversations named, or in all of them.

    python -m tests.transcripts.record [NAME …]

For when words have changed on purpose. Read the difference before you keep it.
"""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ivr.store.engine import connect
from ivr.store.schema import upgrade
from tests.transcripts import by_phone, script


def main(names: Sequence[str]) -> None:
    """Play by phone, and write both what was heard and what services answered."""
    logging.getLogger("ivr").addHandler(logging.NullHandler())  # broken on purpose: no need to tell
    with TemporaryDirectory() as folder:
        template = Path(folder, "template.db")
        upgrade(f"sqlite:///{template}")
        engine = connect(f"sqlite:///{template}")
        by_phone.load(engine)
        engine.dispose()
        for name in names or script.names():
            record(script.read(name), template, Path(folder))


def record(conversation: script.Script, template: Path, folder: Path) -> None:
    """Record one conversation on every line it is for."""
    plays = {}
    for language in conversation.languages:
        place = folder / conversation.name / language
        place.mkdir(parents=True)
        with by_phone.copied(template, place) as engine:
            plays[language] = by_phone.play(conversation, language, engine, place)
    script.write(conversation, {line: play.heard for line, play in plays.items()})
    script.write_replies(conversation, {line: play.replies for line, play in plays.items()})


if __name__ == "__main__":
    main(sys.argv[1:])
