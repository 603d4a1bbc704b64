"""What is asked of assets, and the GPU memory that is promised to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Five tables that were not there before."""
    op.create_table(
        "assets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("desired", sa.Text()),
        sa.Column("generation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operation", sa.Text()),
        sa.Column("asked_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_assets"),
    )
    op.create_table(
        "reservations",
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("gpu", sa.Text(), nullable=False),
        sa.Column("mb", sa.Double(), nullable=False),
        sa.Column("leaked", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("operation", sa.Text()),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("asset", "gpu", name="pk_reservations"),
    )
    op.create_table(
        "gpu_turns",
        sa.Column("gpu", sa.Text(), nullable=False),
        sa.Column("turn", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("gpu", name="pk_gpu_turns"),
    )
    op.create_table(
        "asset_peaks",
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("gpu", sa.Text(), nullable=False),
        sa.Column("mb", sa.Double(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("asset", "gpu", name="pk_asset_peaks"),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_holds"),
    )
    op.create_index("ix_holds_asset", "holds", ["asset"])


def downgrade() -> None:
    """Takes them away."""
    for name in ("holds", "asset_peaks", "gpu_turns", "reservations", "assets"):
        op.drop_table(name)
