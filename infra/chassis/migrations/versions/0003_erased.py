"""Who was erased: the ledger's first copy."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "erased",
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("participant"),
        schema="chassis",
    )
    op.create_index(op.f("ix_chassis_erased_noted"), "erased", ["noted"], unique=False, schema="chassis")


def downgrade() -> None:
    op.drop_index(op.f("ix_chassis_erased_noted"), table_name="erased", schema="chassis")
    op.drop_table("erased", schema="chassis")
