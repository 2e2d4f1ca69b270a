"""Whose record is kept and not used."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "person",
        sa.Column("restricted", sa.Boolean(), nullable=False, server_default="false"),
        schema="access",
    )


def downgrade() -> None:
    op.drop_column("person", "restricted", schema="access")
