"""Single keys from a terminal, without Enter and without echo."""

import os
import sys
import termios
import tty
from typing import Self

END = "\x04"  # what Ctrl-D gives, and the end of input


class Keyboard:
    """Puts the terminal into key-by-key mode for as long as it is entered.

    Ctrl-C still interrupts. Raises termios.error where standard input is no terminal.
    """

    def __init__(self) -> None:
        self._fd = sys.stdin.fileno()

    def __enter__(self) -> Self:
        self._before = termios.tcgetattr(self._fd)
        tty.setcbreak(self._fd, termios.TCSADRAIN)  # keys typed meanwhile stay
        return self

    def __exit__(self, *_: object) -> None:
        termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)

    def key(self) -> str:
        """The next key; END where the terminal is gone."""
        return os.read(self._fd, 1).decode(errors="replace") or END
