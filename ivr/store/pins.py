"""PINs: hashed so that a stolen database is not a list of them.

A PIN has so few values that no slow hash protects it alone. It is first keyed with a pepper that
is not in the database (HMAC-SHA256), then hashed with a modest argon2id (RFC 9106), about 25 ms:
compute hashes outside transactions.
"""

import hashlib
import hmac

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, text, update

from ivr.store.tables import pins

HASHER = PasswordHasher(time_cost=2, memory_cost=16 * 1024, parallelism=1)

# What a PIN is checked against where there is none, so that the answer takes as long. No PIN has
# this hash: what was hashed is not the keyed form of anything.
DUMMY = HASHER.hash(b"no account has this PIN")

SET_PIN = text(
    "INSERT INTO pins (account_id, hash, wrong) VALUES (:account_id, :hash, 0)"
    " ON CONFLICT (account_id) DO UPDATE SET hash = excluded.hash, wrong = 0, locked_until = NULL"
)


def hash_pin(pin: str, pepper: str) -> str:
    """The hash to store for a PIN of digits, under the key `pepper`."""
    return HASHER.hash(_keyed(pin, pepper))


def check_pin(pin: str, stored: str | None, pepper: str) -> bool:
    """Whether `pin` is the one `stored` was made from; without a stored hash it never is.

    Takes as long either way, so that the time tells nobody which accounts have a PIN.
    """
    try:
        return HASHER.verify(stored or DUMMY, _keyed(pin, pepper))
    except (VerificationError, InvalidHashError):
        return False


def _keyed(pin: str, pepper: str) -> bytes:
    return hmac.digest(pepper.encode(), pin.encode(), hashlib.sha256)


def set_pin(connection: Connection, account_id: int, stored: str) -> None:
    """Give an account the PIN whose hash is `stored`; a lock ends with the old PIN."""
    connection.execute(SET_PIN, {"account_id": account_id, "hash": stored})


def clear_pin(connection: Connection, account_id: int) -> bool:
    """Take an account's PIN away; False where there was none."""
    return connection.execute(delete(pins).where(pins.c.account_id == account_id)).rowcount > 0


def unlock(connection: Connection, account_id: int) -> bool:
    """End a lock and forget wrong tries; False where there is no PIN to unlock."""
    found = update(pins).where(pins.c.account_id == account_id).values(wrong=0, locked_until=None)
    return connection.execute(found).rowcount > 0
