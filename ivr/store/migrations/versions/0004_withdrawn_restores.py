"""Requests to restore service that are withdrawn, since the money for it went back."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OPEN = sa.text("done_at IS NULL AND withdrawn_at IS NULL")
NOT_DONE = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.add_column('restores', sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True))
    op.drop_index('uq_restores_open', table_name='restores')
    op.create_index('uq_restores_open', 'restores', ['account_id'], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_index('uq_restores_open', table_name='restores')
    op.execute("DELETE FROM restores WHERE withdrawn_at IS NOT NULL")
    op.create_index('uq_restores_open', 'restores', ['account_id'], unique=True, sqlite_where=NOT_DONE, postgresql_where=NOT_DONE)
    op.drop_column('restores', 'withdrawn_at')
