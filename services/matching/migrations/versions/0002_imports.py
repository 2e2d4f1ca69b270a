"""Which rows of files of opportunities are in."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute('create schema "opportunity_imports"')
    op.create_table(
        "taken_in",
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("opportunity", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("agency", "key"),
        schema="opportunity_imports",
    )


def downgrade() -> None:
    op.drop_table("taken_in", schema="opportunity_imports")
    op.execute('drop schema "opportunity_imports"')
