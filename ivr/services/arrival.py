"""The ring: who it seems to be, in which language, and the news they must hear first."""

from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Kind
from ivr.services.outages import HERE

ARRIVE = Service(
    name="caller.arrive",
    grants=Level.MATCHED,
    outcomes={
        "plain": {},
        "payment-charged": {"confirmation": Field(Kind.REFERENCE)},
        "payment-unknown": {},
        "payment-stopped": {},
        "suspended": {},
        "outage": {**HERE, "eta": Field(Kind.MOMENT)},
        "outage-late": HERE,
        "outage-no-time": HERE,
    },
)
