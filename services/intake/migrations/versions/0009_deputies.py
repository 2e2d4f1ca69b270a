"""Who stands in for whom."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "deputy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("staff", sa.Uuid(), nullable=False),
        sa.Column("deputy", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("named_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="participant",
    )
    op.create_index("deputy_agency", "deputy", ["agency", "valid_until"], schema="participant")


def downgrade() -> None:
    op.drop_table("deputy", schema="participant")
