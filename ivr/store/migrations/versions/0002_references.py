"""What a gateway calls a payment, so that it can be asked about it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("reference", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("payments", "reference")
