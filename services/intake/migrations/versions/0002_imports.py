"""Which rows of files are in."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute('create schema "imports"')
    op.create_table(
        "taken_in",
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("agency", "key"),
        schema="imports",
    )
    op.create_index(
        op.f("ix_imports_taken_in_participant"), "taken_in", ["participant"], unique=False, schema="imports"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_imports_taken_in_participant"), table_name="taken_in", schema="imports")
    op.drop_table("taken_in", schema="imports")
    op.execute('drop schema "imports"')
