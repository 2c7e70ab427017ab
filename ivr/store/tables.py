"""Every table, as SQLAlchemy Core objects.

Money is integer cents in columns that end in `_cents`. A list of words (services, languages) is
text joined with ";". A `call_sid` outside calls, turns and events is the carrier's name for a
call and no foreign key: payments and reports outlive the calls that made them.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from ivr.store.instant import Instant
from ivr.store.metadata import account, identity, one_of, required
from ivr.store.metadata import metadata as metadata  # whoever wants it wants the tables in it
from ivr.store.money import autopays as autopays
from ivr.store.money import consents as consents
from ivr.store.money import drafts as drafts
from ivr.store.money import methods as methods
from ivr.store.money import open_restore as open_restore
from ivr.store.money import payments as payments
from ivr.store.money import promises as promises
from ivr.store.money import restores as restores

# Accounts and who may hear about them.

# An account that was never billed has no due date, no last payment and a balance of zero.
accounts = Table(
    "accounts",
    metadata,
    identity(),
    required("number", String, unique=True),  # leading zeros count
    required("name", String),
    Column("language", String),
    Column("pace", String),  # how fast the caller likes to be spoken to
    Column("email", String),
    Column("service_address", String),
    required("zip", String),
    Column("node", String, index=True),
    required("services", String, server_default=""),
    Column("plan", String),
    required("status", String, server_default="active"),
    required("balance_cents", Integer),  # a credit is negative
    required("balance_as_of", Instant),
    required("past_due_cents", Integer, server_default="0"),
    Column("due_date", Date),
    Column("last_payment_cents", Integer),
    Column("last_payment_date", Date),
    required("autopay", Boolean, server_default=false()),
    Column("last_payment_status", String),
    Column("disconnect_date", Date),  # when service stops unless enough is paid
    Column("disconnect_cents", Integer),  # what is enough; the past due part where none is said
    Column("customer_since", Date),
    required("returned_payments", Integer, server_default="0"),  # within the last twelve months
    one_of("status", "active", "suspended", "closed"),
)

phones = Table(
    "phones",
    metadata,
    identity(),
    account(),
    required("number", String, index=True),  # E.164
    UniqueConstraint("account_id", "number"),
)

# What a caller's number prefers where no account says.
numbers = Table(
    "numbers",
    metadata,
    Column("number", String, primary_key=True),
    Column("language", String),
    Column("pace", String),
)

pins = Table(
    "pins",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    required("hash", String),
    required("wrong", Integer, server_default="0"),
    Column("locked_until", Instant),
)

# One row a try, so that a webhook sent twice counts once.
pin_tries = Table(
    "pin_tries",
    metadata,
    Column("call_sid", String, primary_key=True),
    Column("turn", Integer, primary_key=True, autoincrement=False),
    account(),
    required("at", Instant),
    Index(None, "account_id", "at"),
)

# Tries at an account number, found or not, so that guessing can be slowed down.
lookups = Table(
    "lookups",
    metadata,
    Column("call_sid", String, primary_key=True),
    Column("turn", Integer, primary_key=True, autoincrement=False),
    Column("caller", String),
    account(nullable=True),
    required("found", Boolean),
    required("at", Instant),
    Index(None, "caller", "at"),
    Index(None, "account_id", "at"),
)

# An import under way. Its rows wait here until the whole file is known to be good; then one row in
# sealed_imports says so, and from there on they are merged, whoever has to finish it.

staged_accounts = Table(
    "staged_accounts",
    metadata,
    Column("line", Integer, primary_key=True, autoincrement=False),  # in the file
    *(Column(known.name, known.type) for known in accounts.c if known.name not in ("id", "pace")),
    Column("pin", String),  # its hash
)

staged_phones = Table(
    "staged_phones",
    metadata,
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("number", String, primary_key=True),
)

sealed_imports = Table(
    "sealed_imports",
    metadata,
    Column("columns", String, primary_key=True),  # of the file
    required("added", Integer),  # so far
    required("updated", Integer),
)

# Outages.

incidents = Table(
    "incidents",
    metadata,
    identity(),
    required("services", String),
    required("status", String),
    Column("cause", String),
    Column("eta", Instant),
    required("opened_at", Instant),
    required("updated_at", Instant),
    Column("closed_at", Instant),
    one_of("status", "suspected", "confirmed", "closed", "rejected"),
    Index(None, "status"),
)

incident_nodes = Table(
    "incident_nodes",
    metadata,
    Column("incident_id", ForeignKey("incidents.id"), primary_key=True, autoincrement=False),
    Column("node", String, primary_key=True, index=True),
)

reports = Table(
    "reports",
    metadata,
    identity(),
    required("reference", String, unique=True),  # 6 digits
    account(nullable=True),  # danger is kept from whoever tells of it
    Column("node", String),
    required("service", String),
    Column("incident_id", ForeignKey("incidents.id"), index=True),
    required("call_sid", String),
    required("turn", Integer),
    required("created_at", Instant),
    Column("closed_at", Instant),
    required("touches", Integer, server_default="1"),  # a repeat call adds one
    required("last_touch_at", Instant),
    required("still_out", Boolean, server_default=false()),
    Column("text_to", String),  # who asked for a text once it is fixed
    required("danger", Boolean, server_default=false()),
    UniqueConstraint("call_sid", "turn"),
    one_of("service", "internet", "tv", "voice", "mobile", "all"),
    Index(None, "node", "created_at"),
    Index(None, "account_id", "closed_at"),
    Index(None, "text_to", "created_at"),
)

# People.

agents = Table(
    "agents",
    metadata,
    identity(),
    required("name", String, unique=True),
    required("phone", String),  # E.164
    required("state", String, server_default="away"),
    required("queues", String),
    required("languages", String),
    required("changed_at", Instant),
    one_of("state", "ready", "away"),
)

transfers = Table(
    "transfers",
    metadata,
    identity(),
    required("call_sid", String, index=True),
    required("turn", Integer),
    required("queue", String),
    account(nullable=True),
    required("level", String),
    required("language", String),
    Column("reason", String),
    required("tried", Text, server_default="[]"),  # a JSON list: what the caller did already
    required("status", String, server_default="open"),
    required("created_at", Instant),
    Column("ended_at", Instant),
    one_of("level", "unknown", "matched", "verified"),
    one_of("status", "open", "accepted", "failed", "abandoned"),
)

offers = Table(
    "offers",
    metadata,
    identity(),
    Column("transfer_id", ForeignKey("transfers.id"), nullable=False, index=True),
    # Null once the agent is removed: what happened stays, the person goes.
    Column("agent_id", ForeignKey("agents.id", ondelete="SET NULL")),
    required("position", Integer),
    required("status", String),
    required("rung_at", Instant),
    Column("answered_at", Instant),
    Column("ended_at", Instant),
    Column("child_sid", String, index=True),
    one_of("status", "ringing", "screening", "accepted", "declined", "no-answer"),
    Index(None, "agent_id", "rung_at"),
)

LIVE_OFFER = "status IN ('ringing', 'screening', 'accepted') AND ended_at IS NULL"

# One live offer per agent, held by the database: two callers never ring the same person.
Index(
    "uq_offers_live_agent",
    offers.c.agent_id,
    unique=True,
    sqlite_where=text(LIVE_OFFER),
    postgresql_where=text(LIVE_OFFER),
)

callbacks = Table(
    "callbacks",
    metadata,
    identity(),
    account(nullable=True),
    required("call_sid", String, unique=True),
    required("number", String),
    required("queue", String),
    Column("reason", String),
    required("language", String),
    required("no_key", Boolean, server_default=false()),  # the caller never pressed a key
    required("created_at", Instant),
    Column("done_at", Instant),
    Index(None, "done_at", "created_at"),
    Index(None, "created_at"),
)

# Texts to send. The key says why a text exists, so that one reason makes one text.
texts = Table(
    "texts",
    metadata,
    identity(),
    required("key", String, unique=True),
    required("number", String),
    required("body", Text),
    required("reference", String),  # stands in the body too: how a sent text is found again
    required("language", String),
    required("status", String, server_default="pending"),
    required("attempts", Integer, server_default="0"),
    required("next_at", Instant),
    Column("owner", String),
    Column("lease_until", Instant),
    Column("sid", String),
    required("created_at", Instant),
    Column("sent_at", Instant),
    one_of("status", "pending", "sending", "sent", "unknown", "failed", "opted-out"),
    Index(None, "status", "next_at"),
    Index(None, "number", "created_at"),
)

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("number", String, primary_key=True),
    required("at", Instant),
)

# Numbers the carrier found to be landlines when a text was to go there.
landlines = Table(
    "landlines",
    metadata,
    Column("number", String, primary_key=True),
    required("at", Instant),
)

# Calls. A call finishes on the book it began with, so every book that took one is kept.

books = Table(
    "books",
    metadata,
    Column("digest", String, primary_key=True),
    required("sources", Text),
    required("used_at", Instant),  # when a process last took it up
)

calls = Table(
    "calls",
    metadata,
    Column("sid", String, primary_key=True),
    required("line", String),
    Column("caller", String),
    account(nullable=True),
    required("language", String),
    Column("book", ForeignKey("books.digest"), nullable=False),
    required("version", Integer),
    required("turn", Integer),
    required("state", Text),
    required("status", String, server_default="active"),
    required("started_at", Instant),
    required("seen_at", Instant),
    Column("ended_at", Instant),
    Column("duration", Integer),  # seconds, as the carrier counts them
    one_of("status", "active", "completed", "lost"),
    Index(None, "status", "seen_at"),
    Index(None, "caller", "started_at"),
)

turns = Table(
    "turns",
    metadata,
    Column("call_sid", ForeignKey("calls.sid"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    required("digest", String),
    Column("owner", String),
    Column("lease_until", Instant),
    Column("answered_at", Instant),
    Column("reply", LargeBinary),
)

events = Table(
    "events",
    metadata,
    Column("call_sid", ForeignKey("calls.sid"), primary_key=True),
    Column("turn", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    required("kind", String),
    required("data", Text),  # JSON
    required("at", Instant),
)
