"""Tables of payments and what goes with them: stored methods, consents, AutoPay, promises.

The conventions are those of ivr/store/tables.py, where everybody imports these from.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
)

from ivr.store.instant import Instant
from ivr.store.metadata import account, identity, metadata, one_of, required

payments = Table(
    "payments",
    metadata,
    identity(),
    account(),
    required("call_sid", String),
    required("turn", Integer),
    required("amount_cents", Integer),
    required("currency", String, server_default="usd"),
    required("status", String),
    required("idempotency_key", String, unique=True),
    Column("reference", String),  # the gateway's own, once it has given one
    Column("token", String),
    Column("brand", String),
    Column("last4", String),
    required("method", String, server_default="card"),
    Column("confirmation", String, unique=True),  # 8 digits
    Column("decline_code", String),
    required("created_at", Instant),
    Column("asked_at", Instant),  # when the gateway was first asked
    Column("charged_at", Instant),
    Column("charge_turn", Integer),
    required("updated_at", Instant),
    required("fee_cents", Integer, server_default="0"),  # charged with the amount, never credited
    required("over_cents", Integer, server_default="0"),  # more than was owed, and agreed to
    Column("method_id", Integer),  # the stored method it was paid with; payments outlive those
    Column("consent_id", Integer),
    Column("posted_at", Instant),
    Column("returned_at", Instant),
    Column("refund_asked_at", Instant),
    Column("refunded_at", Instant),
    UniqueConstraint("call_sid", "turn"),
    CheckConstraint("amount_cents > 0", name="amount"),
    one_of(
        "status",
        *("intended", "awaiting-method", "charging", "charged", "declined", "unknown"),
        *("canceled", "posted", "returned", "refunded"),
    ),
    Index(None, "account_id", "created_at"),
    Index(None, "status"),
)

# Cards and bank accounts kept for later: what the gateway calls them, and what may be said of them.
methods = Table(
    "methods",
    metadata,
    identity(),
    account(),
    required("kind", String),
    required("brand", String, server_default=""),
    required("last4", String),
    Column("expires", String),  # YYYY-MM
    required("token", String),  # the gateway's name for it
    Column("customer", String),  # the gateway's name for whose it is
    Column("consent_id", Integer),
    required("call_sid", String),
    required("turn", Integer),
    required("created_at", Instant),
    Column("removed_at", Instant),
    UniqueConstraint("call_sid", "turn"),
    one_of("kind", "card", "bank"),
    Index(None, "account_id"),
)

# What a caller agreed to, in the words they heard. Kept for two years after it has ended (Nacha's
# rules for debits by telephone and Regulation E, 12 CFR 1005.10); nothing deletes them.
consents = Table(
    "consents",
    metadata,
    identity(),
    account(),
    required("kind", String),
    required("language", String),
    required("words", Text),
    Column("recording", String),  # the carrier's name for their spoken yes; null: a key was pressed
    required("call_sid", String),
    required("turn", Integer),
    required("given_at", Instant),
    Column("revoked_at", Instant),
    UniqueConstraint("call_sid", "turn", "kind"),
    one_of("kind", "bank-debit", "stored-method", "autopay"),
    Index(None, "account_id"),
)

autopays = Table(
    "autopays",
    metadata,
    identity(),
    account(),
    required("method_id", Integer),
    required("consent_id", Integer),
    required("call_sid", String),
    required("turn", Integer),
    required("enrolled_at", Instant),
    Column("canceled_at", Instant),
    UniqueConstraint("call_sid", "turn"),
)

# One enrolment per account, held by the database.
Index(
    "uq_autopays_enrolled",
    autopays.c.account_id,
    unique=True,
    sqlite_where=autopays.c.canceled_at.is_(None),
    postgresql_where=autopays.c.canceled_at.is_(None),
)

# What AutoPay will take of one bill, and when: announced before it is taken.
drafts = Table(
    "drafts",
    metadata,
    identity(),
    account(),
    required("autopay_id", Integer),
    required("due_date", Date),  # of the bill
    required("amount_cents", Integer),
    required("take_on", Date),
    required("announced_at", Instant),
    Column("payment_id", Integer),
    required("status", String, server_default="announced"),
    UniqueConstraint("account_id", "due_date"),
    one_of("status", "announced", "taken", "failed", "skipped"),
    Index(None, "status", "take_on"),
)

promises = Table(
    "promises",
    metadata,
    identity(),
    account(),
    required("amount_cents", Integer),
    required("due_date", Date),
    required("confirmation", String, unique=True),  # 8 digits
    required("call_sid", String),
    required("turn", Integer),
    required("created_at", Instant),
    UniqueConstraint("call_sid", "turn"),
    Index(None, "account_id", "created_at"),
)

# Asked of the network desk once a suspended account has paid what it must.
restores = Table(
    "restores",
    metadata,
    identity(),
    account(),
    required("payment_id", Integer, unique=True),
    required("asked_at", Instant),
    Column("done_at", Instant),
    Column("withdrawn_at", Instant),  # the money went back before service did
    Index(None, "done_at", "asked_at"),
)
open_restore = and_(restores.c.done_at.is_(None), restores.c.withdrawn_at.is_(None))

Index(
    "uq_restores_open",
    restores.c.account_id,
    unique=True,
    sqlite_where=open_restore,
    postgresql_where=open_restore,
)
