"""The protocol's times, scaled down by fifteen."""

from datetime import timedelta

from ivr.config import Times
from ivr.store import payments

TIMES = Times(lease=0.8, wait=2.5, poll=0.03, gateway=0.25)
STALL = TIMES.lease + 0.3
"""How long a process is held until it has lost what it owned."""


def written() -> str:
    """These times as IVR_TIMES takes them."""
    names = ("lease", "wait", "poll", "gateway")
    return ",".join(f"{name}={getattr(TIMES, name)}" for name in names)


def scale_down() -> None:
    """Shorten what is no setting: how long a commit may be on its way, held as it is here."""
    payments.SEEN_AFTER = timedelta(seconds=STALL + 0.4)
