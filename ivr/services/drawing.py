"""Confirmation numbers: drawn, so that nobody can guess another caller's."""

import secrets
from collections.abc import Iterator

from ivr.errors import StoreError

MOST_DRAWS = 30


def confirmations() -> Iterator[str]:
    """Eight digits, again and again, until one is free.

    Raises `StoreError` after `MOST_DRAWS`, since then hardly any can be.
    """
    for _ in range(MOST_DRAWS):
        yield str(10_000_000 + secrets.randbelow(90_000_000))
    raise StoreError("no free confirmation number was found")
