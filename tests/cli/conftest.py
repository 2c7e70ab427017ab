"""The command line as a shell runs it: arguments and environment in, output and exit code out."""

from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner, Result

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command with DATABASE_URL naming a fresh migrated database of each kind."""
    monkeypatch.setenv("DATABASE_URL", database_url)

    def invoke(command: click.Command, *arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(command, arguments, input=typed, catch_exceptions=False)

    return invoke
