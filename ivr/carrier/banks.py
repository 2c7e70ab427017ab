"""Bank accounts as a payment form knows them: check digit, masks, and test accounts' tokens.

The first three are Stripe's public test accounts (https://docs.stripe.com/testing).
"""

#: Test accounts by the name a transcript gives them (`bank: checking`): routing and account number.
TEST_ACCOUNTS = {
    "checking": ("110000000", "000123456789"),
    "declined": ("110000000", "000111111113"),
    "no-funds": ("110000000", "000222222227"),
    "timeout": ("110000000", "000555555559"),
    "down": ("110000000", "000666666661"),
}
#: Tokens that a sandbox gateway does not charge, or not at once, as it does with those of cards.
TOKENS = {
    TEST_ACCOUNTS["declined"]: "pm_card_visa_chargeDeclined",
    TEST_ACCOUNTS["no-funds"]: "pm_card_visa_chargeDeclinedInsufficientFunds",
    TEST_ACCOUNTS["timeout"]: "pm_sandbox_timeout",
    TEST_ACCOUNTS["down"]: "pm_sandbox_down",
}
GOOD = "pm_usBankAccount_success"
WEIGHTS = (3, 7, 1) * 3
SHORTEST, LONGEST = 4, 17  # digits of an account number, the most that an ACH entry has room for


def is_routing_number(number: str) -> bool:
    """Nine digits with a right check digit, not all zero.

    https://en.wikipedia.org/wiki/ABA_routing_transit_number
    """
    if len(number) != len(WEIGHTS) or not number.strip("0"):
        return False
    return sum(int(n) * weight for n, weight in zip(number, WEIGHTS, strict=True)) % 10 == 0


def is_account_number(number: str) -> bool:
    """As many digits as accounts have; banks have no check digit in common."""
    return SHORTEST <= len(number) <= LONGEST


def masked_account(number: str) -> str:
    """All but the last two as x: xxxxxxxxxx89."""
    return "x" * (len(number) - 2) + number[-2:]


def account_token(routing: str, account: str) -> str:
    """The token a connector gives for this account."""
    return TOKENS.get((routing, account), GOOD)


def account_name(routing: str, account: str) -> str:
    """What a transcript calls this account: its name among the test accounts, else `other`."""
    typed = (routing, account)
    return next((name for name, known in TEST_ACCOUNTS.items() if known == typed), "other")


def account_keys(name: str) -> str:
    """What a caller types into `<Pay>` with this test account: two answers, a comma between.

    Raises KeyError for a name that is not in TEST_ACCOUNTS.
    """
    routing, account = TEST_ACCOUNTS[name]
    return f"{routing},{account}#"
