"""Stored methods, consents, AutoPay, promises, and what may become of a payment once charged."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('landlines',
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_landlines'))
    )
    op.create_table('autopays',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('method_id', sa.Integer(), nullable=False),
    sa.Column('consent_id', sa.Integer(), nullable=False),
    sa.Column('call_sid', sa.String(), nullable=False),
    sa.Column('turn', sa.Integer(), nullable=False),
    sa.Column('enrolled_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('canceled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_autopays_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_autopays')),
    sa.UniqueConstraint('call_sid', 'turn', name=op.f('uq_autopays_call_sid_turn'))
    )
    op.create_index('uq_autopays_enrolled', 'autopays', ['account_id'], unique=True, sqlite_where=sa.text('canceled_at IS NULL'), postgresql_where=sa.text('canceled_at IS NULL'))
    op.create_table('consents',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('recording', sa.String(), nullable=True),
    sa.Column('call_sid', sa.String(), nullable=False),
    sa.Column('turn', sa.Integer(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('bank-debit', 'stored-method', 'autopay')", name=op.f('ck_consents_kind')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_consents_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consents')),
    sa.UniqueConstraint('call_sid', 'turn', 'kind', name=op.f('uq_consents_call_sid_turn_kind'))
    )
    op.create_index(op.f('ix_consents_account_id'), 'consents', ['account_id'], unique=False)
    op.create_table('drafts',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('autopay_id', sa.Integer(), nullable=False),
    sa.Column('due_date', sa.Date(), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('take_on', sa.Date(), nullable=False),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('payment_id', sa.Integer(), nullable=True),
    sa.Column('status', sa.String(), server_default='announced', nullable=False),
    sa.CheckConstraint("status IN ('announced', 'taken', 'failed', 'skipped')", name=op.f('ck_drafts_status')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_drafts_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drafts')),
    sa.UniqueConstraint('account_id', 'due_date', name=op.f('uq_drafts_account_id_due_date'))
    )
    op.create_index(op.f('ix_drafts_status_take_on'), 'drafts', ['status', 'take_on'], unique=False)
    op.create_table('methods',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('brand', sa.String(), server_default='', nullable=False),
    sa.Column('last4', sa.String(), nullable=False),
    sa.Column('expires', sa.String(), nullable=True),
    sa.Column('token', sa.String(), nullable=False),
    sa.Column('customer', sa.String(), nullable=True),
    sa.Column('consent_id', sa.Integer(), nullable=True),
    sa.Column('call_sid', sa.String(), nullable=False),
    sa.Column('turn', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('card', 'bank')", name=op.f('ck_methods_kind')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_methods_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_methods')),
    sa.UniqueConstraint('call_sid', 'turn', name=op.f('uq_methods_call_sid_turn'))
    )
    op.create_index(op.f('ix_methods_account_id'), 'methods', ['account_id'], unique=False)
    op.create_table('promises',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('due_date', sa.Date(), nullable=False),
    sa.Column('confirmation', sa.String(), nullable=False),
    sa.Column('call_sid', sa.String(), nullable=False),
    sa.Column('turn', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_promises_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promises')),
    sa.UniqueConstraint('call_sid', 'turn', name=op.f('uq_promises_call_sid_turn')),
    sa.UniqueConstraint('confirmation', name=op.f('uq_promises_confirmation'))
    )
    op.create_index(op.f('ix_promises_account_id_created_at'), 'promises', ['account_id', 'created_at'], unique=False)
    op.create_table('restores',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('payment_id', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_restores_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_restores')),
    sa.UniqueConstraint('payment_id', name=op.f('uq_restores_payment_id'))
    )
    op.create_index(op.f('ix_restores_done_at_asked_at'), 'restores', ['done_at', 'asked_at'], unique=False)
    op.create_index('uq_restores_open', 'restores', ['account_id'], unique=True, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))
    op.create_index(op.f('ix_texts_number_created_at'), 'texts', ['number', 'created_at'], unique=False)
    op.add_column('accounts', sa.Column('last_payment_status', sa.String(), nullable=True))
    op.add_column('accounts', sa.Column('disconnect_date', sa.Date(), nullable=True))
    op.add_column('accounts', sa.Column('disconnect_cents', sa.Integer(), nullable=True))
    op.add_column('accounts', sa.Column('customer_since', sa.Date(), nullable=True))
    op.add_column('accounts', sa.Column('returned_payments', sa.Integer(), server_default='0', nullable=False))
    op.add_column('payments', sa.Column('fee_cents', sa.Integer(), server_default='0', nullable=False))
    op.add_column('payments', sa.Column('over_cents', sa.Integer(), server_default='0', nullable=False))
    op.add_column('payments', sa.Column('method_id', sa.Integer(), nullable=True))
    op.add_column('payments', sa.Column('consent_id', sa.Integer(), nullable=True))
    op.add_column('payments', sa.Column('posted_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('payments', sa.Column('returned_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('payments', sa.Column('refund_asked_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('payments', sa.Column('refunded_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('staged_accounts', sa.Column('last_payment_status', sa.String(), nullable=True))
    op.add_column('staged_accounts', sa.Column('disconnect_date', sa.Date(), nullable=True))
    op.add_column('staged_accounts', sa.Column('disconnect_cents', sa.Integer(), nullable=True))
    op.add_column('staged_accounts', sa.Column('customer_since', sa.Date(), nullable=True))
    op.add_column('staged_accounts', sa.Column('returned_payments', sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column('staged_accounts', 'returned_payments')
    op.drop_column('staged_accounts', 'customer_since')
    op.drop_column('staged_accounts', 'disconnect_cents')
    op.drop_column('staged_accounts', 'disconnect_date')
    op.drop_column('staged_accounts', 'last_payment_status')
    op.drop_column('payments', 'refunded_at')
    op.drop_column('payments', 'refund_asked_at')
    op.drop_column('payments', 'returned_at')
    op.drop_column('payments', 'posted_at')
    op.drop_column('payments', 'consent_id')
    op.drop_column('payments', 'method_id')
    op.drop_column('payments', 'over_cents')
    op.drop_column('payments', 'fee_cents')
    op.drop_column('accounts', 'returned_payments')
    op.drop_column('accounts', 'customer_since')
    op.drop_column('accounts', 'disconnect_cents')
    op.drop_column('accounts', 'disconnect_date')
    op.drop_column('accounts', 'last_payment_status')
    op.drop_index(op.f('ix_texts_number_created_at'), table_name='texts')
    op.drop_index('uq_restores_open', table_name='restores', sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))
    op.drop_index(op.f('ix_restores_done_at_asked_at'), table_name='restores')
    op.drop_table('restores')
    op.drop_index(op.f('ix_promises_account_id_created_at'), table_name='promises')
    op.drop_table('promises')
    op.drop_index(op.f('ix_methods_account_id'), table_name='methods')
    op.drop_table('methods')
    op.drop_index(op.f('ix_drafts_status_take_on'), table_name='drafts')
    op.drop_table('drafts')
    op.drop_index(op.f('ix_consents_account_id'), table_name='consents')
    op.drop_table('consents')
    op.drop_index('uq_autopays_enrolled', table_name='autopays', sqlite_where=sa.text('canceled_at IS NULL'), postgresql_where=sa.text('canceled_at IS NULL'))
    op.drop_table('autopays')
    op.drop_table('landlines')
