"""A call on a terminal: who speaks, when, and what was pressed."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from ivr.carrier.answers import HELP
from ivr.carrier.phone import Phone
from ivr.carrier.waits import Heard, Operator, Reply, Wait

STYLES = {"line": "bold cyan", "caller": "bold green", "agent": "bold magenta", "carrier": "yellow"}
NAMES = {"line": "line", "caller": "you", "agent": "agent", "carrier": "carrier"}
DEEDS = {
    "silence": "(presses nothing)",
    "hang-up": "(hangs up)",
    "answered": "(answers at {text})",
    "busy": "(busy at {text})",
    "no-answer": "(does not answer at {text})",
    "bridged": "(caller and agent at {text} are connected)",
    "card": "(card typed: {text})",
    "bank": "(bank account typed: {text})",
    "voice": "(says it aloud)",
}


def write(console: Console, text: str) -> None:
    """Print text as it is, without a new line."""
    console.print(text, end="", style="green", markup=False, highlight=False)


class Terminal:
    """Plays a phone's call on a console, answers coming from one operator.

    With `echoed`, keys were shown while they were typed and are not printed again.
    """

    def __init__(self, console: Console, answers: Operator, *, echoed: bool = False) -> None:
        self.console = console
        self.answers = answers
        self.echoed = echoed
        self._phone: Phone | None = None
        self._shown = 0

    def attach(self, phone: Phone) -> None:
        """Make this terminal the phone's, and the agents', before it dials."""
        self._phone = phone
        phone.operator = self.operate

    def operate(self, wait: Wait) -> Reply:
        """Show a person what was said so far, and get a reply; a script needs no showing."""
        if self.echoed:
            self.show()
            self._label(getattr(wait, "party", "agent"))
        return self.answers(wait)

    def play(self) -> None:
        """Go through a call that has been dialled, to its end. Ctrl-C cuts it."""
        phone = self._attached()
        if self.echoed:
            self.console.print(HELP, style="dim")
        try:
            while phone.listening is not None:
                phone.reply(self.operate(phone.listening))
        except KeyboardInterrupt:
            phone.drop()
        self.show()
        keys = "1 key press" if phone.pressed == 1 else f"{phone.pressed} key presses"
        self.console.print(f"The call took {phone.seconds:.1f} s and {keys}.")

    def show(self) -> None:
        """Print what was heard since the last time."""
        heard = self._attached().heard
        fresh = heard[self._shown :]
        for place, entry in enumerate(fresh):
            if not (self._shown_already(entry) or _cut_off(entry, fresh[place + 1 :])):
                self._print(entry)
        self._shown = len(heard)

    def _shown_already(self, entry: Heard) -> bool:
        return self.echoed and entry.kind in ("pressed", "silence", "voice", "card", "bank")

    def _attached(self) -> Phone:
        if self._phone is None:
            raise RuntimeError("no phone is attached to this terminal")
        return self._phone

    def _print(self, entry: Heard) -> None:
        words = DEEDS.get(entry.kind, "{text}").format(text=entry.text)
        to = "(to the agent) " if entry.to == "agent" and entry.who == "line" else ""
        seconds = (f"{entry.at:6.1f} s  ", "dim")
        label = (f"{NAMES[entry.who]:<8}", STYLES[entry.who])
        self.console.print(Text.assemble(seconds, label, to + words), soft_wrap=True)

    def _label(self, who: str) -> None:
        label = Text(f"{'':10}{NAMES[who]:<8}", style=STYLES[who])
        self.console.print(label, end="")


def _cut_off(entry: Heard, later: Sequence[Heard]) -> bool:
    """Whether a key was pressed before these words began, so that nobody heard them."""
    keys = (other.at for other in later if other.kind == "pressed" and other.to == entry.to)
    return entry.kind == "said" and any(at <= entry.at for at in keys)
