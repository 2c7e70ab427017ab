"""The demo accounts: nearly fifty callers, one for every case worth ringing the line about.

Everything here is made up; numbers are the ones reserved for fiction (555-01xx). PINs are plain
only because these people do not exist.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """One demo account. Money is cents; `due` and `paid_ago` are days from and before today."""

    number: str
    name: str
    phone: str  # several are joined by ";"
    pin: str
    case: str
    balance: int = 0
    past_due: int = 0
    due: int | None = 12
    paid: int | None = 8420
    paid_ago: int = 18
    status: str = "active"
    services: str = "internet;tv"
    node: str = "N20"
    zip: str = "60601"
    plan: str = "Preferred 500"
    language: str | None = None
    autopay: bool = False
    paid_status: str | None = None  # what billing says of the last payment
    stops: int | None = None  # days from today to the shut-off
    customer_for: int = 900
    returned: int = 0


CASES = (
    Case("1000000142", "Dana Reyes", "+12025550142", "1234", "owes $84.20, due soon", 8420),
    Case("1000000101", "Sam Whitfield", "+12025550101", "1234", "nothing due"),
    Case("1000000102", "Priya Nair", "+12025550102", "1234", "a credit of $5.00", -500),
    Case("1000000103", "Leon Brandt", "+12025550103", "2580", "past due only", 6240, 6240, -9),
    Case(
        "1000000104", "Grace Okoro", "+12025550104", "2580", "past due and current", 15180, 6760, 6
    ),
    Case(
        *("1000000105", "Marta Silva", "+12025550105", "2580", "suspended for $187.35"),
        *(18735, 18735, -41),
        status="suspended",
    ),
    Case(
        *(
            "1000000106",
            "Hugo Lind",
            "+12025550106",
            "2580",
            "suspended, and a part is not yet due",
        ),
        *(24310, 16890, 4),
        status="suspended",
    ),
    Case(
        *("1000000107", "Ruth Meyer", "+12025550107", "", "closed with a balance left"),
        *(4315, 4315, -70),
        status="closed",
    ),
    Case(
        *("1000000108", "Omar Haddad", "+12025550108", "", "closed and settled"),
        due=None,
        status="closed",
    ),
    Case(
        *("1000000109", "Yuki Tanaka", "+12025550109", "4711", "no bill yet"),
        due=None,
        paid=None,
    ),
    Case(
        *("1000000110", "Nora Petit", "+12025550110", "4711", "AutoPay takes it in two days"),
        *(8999, 0, 2),
        autopay=True,
    ),
    Case(
        *("1000000111", "Felix Adeyemi", "+12025550111", "4711", "AutoPay failed: past due"),
        *(11250, 5625, 9),
        autopay=True,
    ),
    Case(
        *("1000000112", "Ida Novak", "+12025550112", "4711", "AutoPay, nothing due"),
        autopay=True,
    ),
    Case("1000000113", "Carl Jensen", "+13125550113", "1234", "one of three on a phone", 5210),
    Case("1000000114", "Carl Jensen", "+13125550113", "1234", "two of three: nothing due"),
    Case(
        *("1000000115", "Jensen Bakery", "+13125550113", "80412", "three of three, past due"),
        *(33960, 12900, 8),
    ),
    Case("1000000116", "Beth Carter", "+13125550116;+13125550117", "1234", "two phones", 7005),
    Case("1000000118", "Walt Dorsey", "", "1234", "no phone on file: enter account and ZIP", 9130),
    Case("0012345678", "Ines Duarte", "", "2580", "no phone, a number with leading zeros", 4480),
    Case("77120043", "Paul Kovacs", "", "", "no phone, a shorter number, no PIN", 6150),
    Case(
        *("1000000121", "Lucía Herrera", "+13055550121", "1234", "Spanish, owes $84.20"),
        *(8420, 0, 12),
        language="es",
    ),
    Case(
        *("1000000122", "Mateo Vargas", "+13055550122", "2580", "Spanish, past due"),
        *(13840, 7420, 5),
        language="es",
    ),
    Case(
        *("1000000123", "Rosa Campos", "+13055550123", "2580", "Spanish, suspended"),
        *(20150, 20150, -35),
        status="suspended",
        language="es",
    ),
    Case(
        "1000000124", "Alan Pryce", "+14155550124", "", "no PIN: what needs one is a person's", 7775
    ),
    Case("1000000125", "Wen Li", "+14155550125", "80412", "a PIN of five digits", 6899),
    Case("1000000126", "Tom Barrow", "+14155550126", "1234", "a tiny balance: 37 cents", 37),
    Case("1000000127", "Eva Stern", "+14155550127", "1234", "exactly one dollar", 100),
    Case("1000000128", "Gil Moreau", "+14155550128", "1234", "one cent past due", 5501, 1, 7),
    Case(
        *("1000000129", "Lakeside Hotel", "+14155550129", "80412", "a large balance: $12,480.75"),
        *(1248075, 0, 15),
        plan="Business 1000",
    ),
    Case("1000000130", "Amy Frost", "+14155550130", "1234", "due today", 8420, 0, 0),
    Case("1000000131", "Ben Falk", "+14155550131", "1234", "due tomorrow", 8420, 0, 1),
    Case("1000000132", "Zoe Hart", "+14155550132", "1234", "paid yesterday", paid_ago=1),
    Case(
        *("1000000133", "Nils Berg", "+17735550133", "1234", "in an outage with a time: N12"),
        8420,
        node="N12",
    ),
    Case(
        *("1000000134", "Elena Ortiz", "+17735550134", "1234", "Spanish, in the outage of N12"),
        8420,
        node="N12",
        language="es",
    ),
    Case(
        *("1000000135", "Joan Tully", "+17735550135", "2580", "suspended, in the outage of N12"),
        *(9980, 9980, -33),
        node="N12",
        status="suspended",
    ),
    Case(
        *("1000000136", "Ravi Menon", "+17735550136", "1234", "in an outage without a time: N31"),
        7240,
        node="N31",
    ),
    Case(
        *("1000000137", "Olga Petrova", "+17735550137", "1234", "voice only, so N31 spares it"),
        3150,
        node="N31",
        services="voice",
        plan="Home Phone",
    ),
    Case(
        *("1000000138", "Kim Archer", "+17735550138", "1234", "internet, voice and mobile"),
        14275,
        services="internet;voice;mobile",
        plan="Preferred Bundle",
    ),
    Case(
        *("1000000139", "Vera Lowe", "+17735550139", "1234", "a landline only, no texts"),
        2995,
        services="voice",
        plan="Home Phone",
    ),
    Case(
        *("1000000140", "Jack Moss", "+17735550140", "1234", "mobile only"),
        4500,
        services="mobile",
        plan="Mobile Unlimited",
    ),
    Case(
        *("1000000165", "Hank Doyle", "+12025550165", "1234", "the last payment was returned"),
        *(16840, 8420, 6),
        paid_status="returned",
    ),
    Case(
        *("1000000166", "Mira Castle", "+12025550166", "1234", "paid yesterday, still pending"),
        0,
        paid_ago=1,
        paid_status="pending",
    ),
    Case(
        *("1000000155", "Iris Vance", "+12025550155", "1234", "service stops in six days"),
        *(15180, 6760, 10),
        stops=6,
    ),
    Case(
        *("1000000156", "Otto Perez", "+12025550156", "1234", "service may stop any day"),
        *(15180, 6760, 10),
        stops=-2,
    ),
    Case(
        *("1000000157", "Jade Wynn", "+12025550157", "1234", "past due, a customer for a month"),
        *(8420, 4210, 10),
        customer_for=30,
    ),
    Case(
        *("1000000158", "Luca Ferro", "+12025550158", "1234", "past due, a payment came back"),
        *(8420, 4210, 10),
        returned=1,
    ),
    Case(
        *("1000000159", "Greta Haas", "+12025550159", "1234", "past due more than may be promised"),
        *(70500, 65000, 10),
    ),
)
