"""Notes, a row for each version."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute('create schema "note"')
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="note",
    )
    op.create_index(op.f("ix_note_note_participant"), "note", ["participant"], unique=False, schema="note")
    op.create_table(
        "version",
        sa.Column("note", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["note"], ["note.note.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("note", "number"),
        schema="note",
    )


def downgrade() -> None:
    op.drop_table("version", schema="note")
    op.drop_index(op.f("ix_note_note_participant"), table_name="note", schema="note")
    op.drop_table("note", schema="note")
    op.execute('drop schema "note"')
