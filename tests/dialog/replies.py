"""What the services of the small book reply, ready to be joined into a script."""

from ivr.dialog.call import Identity
from ivr.dialog.events import Replied
from ivr.flows.services import Level
from ivr.prompts.values import Choice, Choices, Count, Digits, Money, Phone, Text, YesNo

COMPANY = ("company", Text("Northside Cable"))
DANA = Identity(Level.MATCHED, 7, 7)
DANA_PROVEN = Identity(Level.VERIFIED, 7, 7)

KNOWN_PHONE = {"caller.arrive": Replied("plain", identity=DANA)}
FOUND = {"who.find": Replied("matched", identity=DANA)}
RIGHT_PIN = {"pin.check": Replied("right", identity=DANA_PROVEN)}
OWES = Replied(
    "owes",
    {
        "balance": Money(8420),
        "past-due": YesNo(True),
        "last": Money(5000),
        "had-last": YesNo(True),
        "unheard-of": Money(1),
    },
)
BILL = {"bill.read": OWES}
QUOTE = {"money.quote": Replied("quoted", {"amount": Money(4000)})}
CHARGED = {"money.charge": Replied("charged")}
THINGS = Choices(
    tuple(
        Choice(f"thing-{end}", "thing-ending", (("ending", Digits(end)),))
        for end in ("0042", "0043")
    )
)
SEVERAL = {"list.read": Replied("several", {"things": THINGS})}
RING = Replied("ring", {"number": Phone("+12025550170"), "offer": Count(1)})
NEXT = Replied("next", {"number": Phone("+12025550171"), "offer": Count(2)})
RINGS = {"transfers.ring": RING}
