"""The run of AutoPay: announces what will be taken, and takes what was announced, once.

It may be killed anywhere and run again, and any number may run at once.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ivr.config import Times
from ivr.services.announcing import announce
from ivr.services.settling import settle_unknown
from ivr.services.taking import Run, finish, take
from ivr.store import accounts, autopays, drafts
from ivr.store.autopays import Autopay
from ivr.store.drafts import Draft
from ivr.store.engine import reading

Progress = Callable[[int, int], None]
"""Is told how many accounts are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did, in drafts.

    `waiting` are those whose account has another payment without an answer, and `unknown` all
    that were begun and have no answer of their own: both are for the next run.
    """

    announced: int
    taken: int
    failed: int
    skipped: int
    waiting: int
    unknown: int


def draft_all(run: Run, times: Times, progress: Progress) -> Ran:
    """Do all there is to do for the day.

    What was left open is settled first; then bills are announced, and one whose day has come
    already is taken by this very run.
    """
    settle_unknown(run.engine, run.gateway, times, run.clock)
    with reading(run.engine) as connection:
        begun = drafts.begun(connection)
        enrolled = autopays.active(connection)
    early = [partial(_finish, run, draft) for draft in begun]
    done = _each([*early, *(partial(_announce, run, one) for one in enrolled)], progress)
    with reading(run.engine) as connection:
        due = drafts.to_take(connection, run.day)
    done += _each([partial(take, run, draft) for draft in due], progress)
    with reading(run.engine) as connection:
        unknown = drafts.still_open(connection)
    return Ran(
        announced=done["announced"],
        taken=done["taken"],
        failed=done["failed"],
        skipped=done["skipped"],
        waiting=done["waiting"],
        unknown=unknown,
    )


def _each(steps: list[Callable[[], str]], progress: Progress) -> Counter[str]:
    done: Counter[str] = Counter()
    for number, step in enumerate(steps):
        progress(number, len(steps))
        done[step()] += 1
    progress(len(steps), len(steps))
    return done


def _finish(run: Run, draft: Draft) -> str:
    with run.engine.begin() as connection:
        return finish(connection, run, draft)


def _announce(run: Run, autopay: Autopay) -> str:
    with run.engine.begin() as connection:
        bill = accounts.read_bill(connection, autopay.account, run.sender.zone)
        if bill is None:
            return "gone"
        draft = announce(connection, run.sender, autopay, bill, run.day, run.clock())
    return "announced" if draft else "done"
