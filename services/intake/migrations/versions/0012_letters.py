"""Letters."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute('create schema "letter"')
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="letter",
    )
    op.create_index(op.f("ix_letter_letter_participant"), "letter", ["participant"], unique=False, schema="letter")


def downgrade() -> None:
    op.drop_index(op.f("ix_letter_letter_participant"), table_name="letter", schema="letter")
    op.drop_table("letter", schema="letter")
    op.execute('drop schema "letter"')
