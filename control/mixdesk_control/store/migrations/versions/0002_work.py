"""What phases were measured in, and told to be, beside how long they took."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rows of before have no unit: only the time they took is learned from."""
    op.add_column("phase_times", sa.Column("unit", sa.Text()))
    op.add_column("phase_times", sa.Column("expected", sa.Double()))
    op.add_column("phase_times", sa.Column("resumed", sa.Boolean(), nullable=False, server_default=sa.text("false")))


def downgrade() -> None:
    """Takes the columns away."""
    for name in ("resumed", "expected", "unit"):
        op.drop_column("phase_times", name)
