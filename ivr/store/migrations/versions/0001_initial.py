"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("pace", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("service_address", sa.String(), nullable=True),
        sa.Column("zip", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=True),
        sa.Column("services", sa.String(), server_default="", nullable=False),
        sa.Column("plan", sa.String(), nullable=True),
        sa.Column("status", sa.String(), server_default="active", nullable=False),
        sa.Column("balance_cents", sa.Integer(), nullable=False),
        sa.Column("balance_as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("past_due_cents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("last_payment_cents", sa.Integer(), nullable=True),
        sa.Column("last_payment_date", sa.Date(), nullable=True),
        sa.Column("autopay", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint(
            "status IN ('active', 'suspended', 'closed')", name=op.f("ck_accounts_status")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("number", name="uq_accounts_number"),
    )
    op.create_index("ix_accounts_node", "accounts", ["node"], unique=False)
    op.create_table(
        "agents",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="away", nullable=False),
        sa.Column("queues", sa.String(), nullable=False),
        sa.Column("languages", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('ready', 'away')", name=op.f("ck_agents_state")),
        sa.PrimaryKeyConstraint("id", name="pk_agents"),
        sa.UniqueConstraint("name", name="uq_agents_name"),
    )
    op.create_table(
        "books",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_books"),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("services", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("eta", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('suspected', 'confirmed', 'closed', 'rejected')",
            name=op.f("ck_incidents_status"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_status", "incidents", ["status"], unique=False)
    op.create_table(
        "numbers",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("pace", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_numbers"),
    )
    op.create_table(
        "opt_outs",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_opt_outs"),
    )
    op.create_table(
        "sealed_imports",
        sa.Column("columns", sa.String(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("columns", name="pk_sealed_imports"),
    )
    op.create_table(
        "staged_accounts",
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("service_address", sa.String(), nullable=True),
        sa.Column("zip", sa.String(), nullable=True),
        sa.Column("node", sa.String(), nullable=True),
        sa.Column("services", sa.String(), nullable=True),
        sa.Column("plan", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("balance_cents", sa.Integer(), nullable=True),
        sa.Column("balance_as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("past_due_cents", sa.Integer(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("last_payment_cents", sa.Integer(), nullable=True),
        sa.Column("last_payment_date", sa.Date(), nullable=True),
        sa.Column("autopay", sa.Boolean(), nullable=True),
        sa.Column("pin", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("line", name="pk_staged_accounts"),
    )
    op.create_table(
        "staged_phones",
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("line", "number", name="pk_staged_phones"),
    )
    op.create_table(
        "texts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("status", sa.String(), server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sid", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'sending', 'sent', 'unknown', 'failed', 'opted-out')",
            name=op.f("ck_texts_status"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_texts"),
        sa.UniqueConstraint("key", name="uq_texts_key"),
    )
    op.create_index("ix_texts_status_next_at", "texts", ["status", "next_at"], unique=False)
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("call_sid", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("no_key", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_callbacks_account_id_accounts"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_callbacks"),
        sa.UniqueConstraint("call_sid", name="uq_callbacks_call_sid"),
    )
    op.create_index("ix_callbacks_created_at", "callbacks", ["created_at"], unique=False)
    op.create_index(
        "ix_callbacks_done_at_created_at",
        "callbacks",
        ["done_at", "created_at"],
        unique=False,
    )
    op.create_table(
        "calls",
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("caller", sa.String(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("book", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), server_default="active", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status IN ('active', 'completed', 'lost')", name=op.f("ck_calls_status")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_calls_account_id_accounts"
        ),
        sa.ForeignKeyConstraint(["book"], ["books.digest"], name="fk_calls_book_books"),
        sa.PrimaryKeyConstraint("sid", name="pk_calls"),
    )
    op.create_index("ix_calls_caller_started_at", "calls", ["caller", "started_at"], unique=False)
    op.create_index("ix_calls_status_seen_at", "calls", ["status", "seen_at"], unique=False)
    op.create_table(
        "incident_nodes",
        sa.Column("incident_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_incident_nodes_incident_id_incidents"
        ),
        sa.PrimaryKeyConstraint("incident_id", "node", name="pk_incident_nodes"),
    )
    op.create_index("ix_incident_nodes_node", "incident_nodes", ["node"], unique=False)
    op.create_table(
        "lookups",
        sa.Column("call_sid", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("caller", sa.String(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("found", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_lookups_account_id_accounts"
        ),
        sa.PrimaryKeyConstraint("call_sid", "turn", name="pk_lookups"),
    )
    op.create_index("ix_lookups_account_id_at", "lookups", ["account_id", "at"], unique=False)
    op.create_index("ix_lookups_caller_at", "lookups", ["caller", "at"], unique=False)
    op.create_table(
        "payments",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("call_sid", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), server_default="usd", nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=True),
        sa.Column("brand", sa.String(), nullable=True),
        sa.Column("last4", sa.String(), nullable=True),
        sa.Column("method", sa.String(), server_default="card", nullable=False),
        sa.Column("confirmation", sa.String(), nullable=True),
        sa.Column("decline_code", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("charged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("charge_turn", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('intended', 'awaiting-method', 'charging', 'charged', 'declined', 'unknown', 'canceled', 'posted', 'returned', 'refunded')",
            name=op.f("ck_payments_status"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payments_amount")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_payments_account_id_accounts"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
        sa.UniqueConstraint("call_sid", "turn", name="uq_payments_call_sid_turn"),
        sa.UniqueConstraint("confirmation", name="uq_payments_confirmation"),
        sa.UniqueConstraint("idempotency_key", name="uq_payments_idempotency_key"),
    )
    op.create_index(
        "ix_payments_account_id_created_at",
        "payments",
        ["account_id", "created_at"],
        unique=False,
    )
    op.create_index("ix_payments_status", "payments", ["status"], unique=False)
    op.create_table(
        "phones",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_phones_account_id_accounts"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_phones"),
        sa.UniqueConstraint("account_id", "number", name="uq_phones_account_id_number"),
    )
    op.create_index("ix_phones_number", "phones", ["number"], unique=False)
    op.create_table(
        "pin_tries",
        sa.Column("call_sid", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_pin_tries_account_id_accounts"
        ),
        sa.PrimaryKeyConstraint("call_sid", "turn", name="pk_pin_tries"),
    )
    op.create_index("ix_pin_tries_account_id_at", "pin_tries", ["account_id", "at"], unique=False)
    op.create_table(
        "pins",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("wrong", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_pins_account_id_accounts"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_pins"),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("node", sa.String(), nullable=True),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("call_sid", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("touches", sa.Integer(), server_default="1", nullable=False),
        sa.Column("last_touch_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("still_out", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("text_to", sa.String(), nullable=True),
        sa.Column("danger", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint(
            "service IN ('internet', 'tv', 'voice', 'mobile', 'all')",
            name=op.f("ck_reports_service"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_reports_account_id_accounts"
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_reports_incident_id_incidents"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("call_sid", "turn", name="uq_reports_call_sid_turn"),
        sa.UniqueConstraint("reference", name="uq_reports_reference"),
    )
    op.create_index(
        "ix_reports_account_id_closed_at",
        "reports",
        ["account_id", "closed_at"],
        unique=False,
    )
    op.create_index("ix_reports_incident_id", "reports", ["incident_id"], unique=False)
    op.create_index("ix_reports_node_created_at", "reports", ["node", "created_at"], unique=False)
    op.create_index(
        "ix_reports_text_to_created_at",
        "reports",
        ["text_to", "created_at"],
        unique=False,
    )
    op.create_table(
        "transfers",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("call_sid", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("tried", sa.Text(), server_default="[]", nullable=False),
        sa.Column("status", sa.String(), server_default="open", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "level IN ('unknown', 'matched', 'verified')", name=op.f("ck_transfers_level")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'accepted', 'failed', 'abandoned')",
            name=op.f("ck_transfers_status"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_transfers_account_id_accounts"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_transfers"),
    )
    op.create_index("ix_transfers_call_sid", "transfers", ["call_sid"], unique=False)
    op.create_table(
        "events",
        sa.Column("call_sid", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_sid"], ["calls.sid"], name="fk_events_call_sid_calls"),
        sa.PrimaryKeyConstraint("call_sid", "turn", "seq", name="pk_events"),
    )
    op.create_table(
        "offers",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("child_sid", sa.String(), nullable=True),
        sa.CheckConstraint(
            "status IN ('ringing', 'screening', 'accepted', 'declined', 'no-answer')",
            name=op.f("ck_offers_status"),
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name="fk_offers_agent_id_agents", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.id"], name="fk_offers_transfer_id_transfers"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_offers"),
    )
    op.create_index("ix_offers_agent_id_rung_at", "offers", ["agent_id", "rung_at"], unique=False)
    op.create_index("ix_offers_child_sid", "offers", ["child_sid"], unique=False)
    op.create_index("ix_offers_transfer_id", "offers", ["transfer_id"], unique=False)
    op.create_index(
        "uq_offers_live_agent",
        "offers",
        ["agent_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('ringing', 'screening', 'accepted') AND ended_at IS NULL"),
        postgresql_where=sa.text(
            "status IN ('ringing', 'screening', 'accepted') AND ended_at IS NULL"
        ),
    )
    op.create_table(
        "turns",
        sa.Column("call_sid", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["call_sid"], ["calls.sid"], name="fk_turns_call_sid_calls"),
        sa.PrimaryKeyConstraint("call_sid", "number", name="pk_turns"),
    )


def downgrade() -> None:
    op.drop_table("turns")
    op.drop_table("offers")
    op.drop_table("events")
    op.drop_table("transfers")
    op.drop_table("reports")
    op.drop_table("pins")
    op.drop_table("pin_tries")
    op.drop_table("phones")
    op.drop_table("payments")
    op.drop_table("lookups")
    op.drop_table("incident_nodes")
    op.drop_table("calls")
    op.drop_table("callbacks")
    op.drop_table("texts")
    op.drop_table("staged_phones")
    op.drop_table("staged_accounts")
    op.drop_table("sealed_imports")
    op.drop_table("opt_outs")
    op.drop_table("numbers")
    op.drop_table("incidents")
    op.drop_table("books")
    op.drop_table("agents")
    op.drop_table("accounts")
