"""What passes between the driver and the workers it harms: a folder of small files.

The driver says what shall happen at which point of which call; a worker counts the points it
comes by and does it. Files, since a worker that is killed leaves nothing else behind.
"""

import fcntl
import json
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Once = Literal["silence", "break", "turn away", "unplug"]
"""The next gateway call acts and is never answered, fails, or is turned away; the next commit
loses its connection to the database."""
Act = Once | Literal["kill", "hold", "mark", "stop"]
"""Die; wait for the driver; only say so; from here on have every gateway call refused."""

LAST: Sequence[Act] = ("hold", "kill")
"""What comes after anything else that is planned at the same point."""
LONGEST_HOLD = 8.0
POLL = 0.003


@dataclass(frozen=True, slots=True)
class Rule:
    """At point `point` of call `sid`, do `act`; `number` names this rule.

    A point is a number (1, 2, …) or, where a copy's waiting passes by any number of commits, a
    name: `before-find-1`, `after-commit-1-past-after-find-1`.
    """

    number: int
    sid: str
    point: int | str
    act: Act


@dataclass(frozen=True, slots=True)
class Point:
    """Where a worker was: the webhook's path and the commit or gateway call, before or after it.

    A round of the reconciler has a name of its own where a worker's point has its call's.
    """

    sid: str
    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Control:
    """The folder of one line. The driver arms and disarms it, its workers pass by."""

    folder: Path

    # The driver's side

    def arm(self, sids: Sequence[str], rules: Sequence[Rule]) -> None:
        """Count the points of these calls from now on, and harm them by these rules."""
        self.disarm()
        plan = {"sids": list(sids), "rules": [asdict(rule) for rule in rules]}
        draft = self.folder / "draft"
        draft.write_text(json.dumps(plan))
        draft.replace(self.folder / "plan")

    def disarm(self) -> None:
        """Harm nothing any more, release whoever waits, and have the gateway back."""
        (self.folder / "plan").unlink(missing_ok=True)
        for file in self.folder.iterdir():
            if file.name.startswith("held"):
                (self.folder / file.name.replace("held", "go")).touch()
        for file in self.folder.iterdir():
            if not file.name.startswith("go"):
                file.unlink(missing_ok=True)

    def is_reached(self, rule: Rule) -> bool:
        """Whether a worker came by the rule's point."""
        return (self.folder / f"reached-{rule.number}").exists()

    def release(self, rule: Rule) -> None:
        """Let the worker that is held there go on."""
        (self.folder / f"go-{rule.number}").touch()

    def points(self) -> list[Point]:
        """Every point that was passed since arming, in order."""
        file = self.folder / "points"
        lines = file.read_text().splitlines() if file.exists() else []
        return [Point(*line.split(" ", 2)) for line in lines]

    # The worker's side

    def pass_by(self, sid: str, path: str, what: str) -> None:
        """Count a point of a call and suffer what is planned there."""
        try:
            plan = json.loads((self.folder / "plan").read_text())
        except FileNotFoundError:
            return
        if sid not in plan["sids"]:
            return
        earlier = self._count(sid, path, what)
        points = (len(earlier) + 1, name_of(what, earlier))
        here = [Rule(**it) for it in plan["rules"] if it["sid"] == sid and it["point"] in points]
        for rule in sorted(here, key=lambda it: LAST.index(it.act) if it.act in LAST else -1):
            self._suffer(rule)

    @property
    def is_stopped(self) -> bool:
        """Whether the gateway refuses connections."""
        return (self.folder / "stopped").exists()

    def take(self, *acts: Once) -> Once | None:
        """Which of these is to happen now; each happens once."""
        for act in acts:
            try:
                (self.folder / act).unlink()
            except FileNotFoundError:
                continue
            return act
        return None

    def _count(self, sid: str, path: str, what: str) -> list[str]:
        """Note a point; gives what the call came by before."""
        with (self.folder / "points").open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            lines = [line.rstrip().split(" ", 2) for line in file]
            file.write(f"{sid} {path} {what}\n")
        return [passed for whose, _, passed in lines if whose == sid]

    def _suffer(self, rule: Rule) -> None:
        flag = {"stop": "stopped", "hold": f"held-{rule.number}"}
        if rule.act not in ("kill", "mark"):
            (self.folder / flag.get(rule.act, rule.act)).touch()
        (self.folder / f"reached-{rule.number}").touch()
        if rule.act == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if rule.act == "hold":
            self._wait(self.folder / f"go-{rule.number}")

    def _wait(self, go: Path) -> None:
        until = time.monotonic() + LONGEST_HOLD
        while not go.exists() and time.monotonic() < until:
            time.sleep(POLL)


def name_of(what: str, earlier: Sequence[str]) -> str:
    """A point's name: how often a gateway call was come by, or a commit since the last of them."""
    calls = [index for index, it in enumerate(earlier) if not it.endswith("commit")]
    if not what.endswith("commit") or not calls:
        return f"{what} {[*earlier, what].count(what)}".replace(" ", "-")
    last = calls[-1]
    count = [*earlier[last:], what].count(what)
    return f"{what} {count} past {name_of(earlier[last], earlier[:last])}".replace(" ", "-")
