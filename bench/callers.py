"""The callers of one database: numbers nobody can have, so that a million of them are fictional.

An area code never begins with 1, so +11… rings nowhere
(https://nationalnanpa.com/number_resource_info/area_codes.html).
"""

FIRST = 1_000_000_000
LINE = "+18005550199"
TOKEN = "a token for the bench"


def phone(account: int) -> str:
    """The phone number of account 1, 2, …"""
    return f"+1{FIRST + account}"
