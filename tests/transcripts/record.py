"""Writes down what is heard in the conversations named, or in all of them.

    python -m tests.transcripts.record [NAME …]

For when words have changed on purpose. Read the difference before you keep it.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from ivr.store.schema import upgrade
from tests.transcripts import by_phone, script

LEDGER = "ledger.db"  # the gateway's own, where `tests.line.settings` has it


def main(names: Sequence[str]) -> None:
    """Play by phone, and write both what was heard and what services answered."""
    logging.getLogger("ivr").addHandler(logging.NullHandler())  # broken on purpose: no need to tell
    with TemporaryDirectory() as place:
        folder = Path(place)
        migrated = folder / "migrated.db"
        upgrade(f"sqlite:///{migrated}")
        with by_phone.demo(migrated, folder) as renewed:
            for name in names or script.names():
                record(script.read(name), renewed, folder)


def record(conversation: script.Script, renewed: Callable[[], Engine], folder: Path) -> None:
    """Record one conversation on every line it is for."""
    plays = {}
    for language in conversation.languages:
        (folder / LEDGER).unlink(missing_ok=True)
        plays[language] = by_phone.play(conversation, language, renewed(), folder)
    script.write(conversation, {line: play.heard for line, play in plays.items()})
    script.write_replies(conversation, {line: play.replies for line, play in plays.items()})


if __name__ == "__main__":
    main(sys.argv[1:])
