"""The `ivr` command: one file a subcommand, imported only when it is the one that runs."""

import importlib
import sys

import click

from ivr.errors import IvrError

COMMANDS = {
    "accounts": "import, export, unlock accounts and set their PINs",
    "agents": "who answers transfers: add, list, state, remove",
    "autopay": "announce and take what AutoPay pays; who is enrolled",
    "call": "ring the line from this terminal",
    "callbacks": "who is owed a call",
    "consents": "what callers agreed to, in the words they heard",
    "check": "find every mistake in a book",
    "db": "migrate the database, load demo data",
    "outages": "open, update, close and list incidents",
    "map": "draw the whole book",
    "payments": "export and reconcile payments",
    "promises": "who promised to pay by when",
    "prove": "prove that no caller is ever stuck, and time every job",
    "restores": "whose service is to be turned on again: list, done",
    "schema": "JSON Schemas of a book's files, for editors",
    "try": "set up a line, ring it from this terminal, and leave nothing running",
    "worker": "send texts, reap lost calls, settle unknown payments",
}
STOPPED = 130
"""The exit code of what Ctrl-C ended, as shells have it, so that it is no answer."""
FILES = {"call": "phone", "try": "trial"}


class Lazy(click.Group):
    """Knows its subcommands by name and imports none before it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every subcommand."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand in ivr/cli/NAME.py, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"ivr.cli.{FILES.get(cmd_name, cmd_name)}")
        command: click.Command = getattr(module, "trial" if cmd_name == "try" else cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `ivr --help`, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=Lazy)
@click.version_option(package_name="ivr")
def commands() -> None:
    """An interactive voice response line: serve it, ring it, write its menus, keep its accounts."""


def main() -> None:
    """Run a command; what the user can mend is one line on standard error."""
    try:
        sys.exit(commands.main(standalone_mode=False))
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(STOPPED)
    except IvrError as problem:
        click.echo(f"ivr: {problem}", err=True)
        sys.exit(2)
