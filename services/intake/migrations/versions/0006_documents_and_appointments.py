"""Documents in parts, and appointments."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute('create schema "document"')
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("about", sa.LargeBinary(), nullable=False),
        sa.Column("media", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="document",
    )
    op.create_index(
        op.f("ix_document_document_participant"), "document", ["participant"], unique=False, schema="document"
    )
    op.create_table(
        "part",
        sa.Column("document", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["document.document.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("document", "number"),
        schema="document",
    )
    op.execute('create schema "appointment"')
    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("staff", sa.Uuid(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("moved_to", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="appointment",
    )
    op.create_index(
        op.f("ix_appointment_appointment_participant"),
        "appointment",
        ["participant"],
        unique=False,
        schema="appointment",
    )
    op.create_index("appointment_staff", "appointment", ["staff", "begins_at"], unique=False, schema="appointment")


def downgrade() -> None:
    op.drop_index("appointment_staff", table_name="appointment", schema="appointment")
    op.drop_index(op.f("ix_appointment_appointment_participant"), table_name="appointment", schema="appointment")
    op.drop_table("appointment", schema="appointment")
    op.execute('drop schema "appointment"')
    op.drop_table("part", schema="document")
    op.drop_index(op.f("ix_document_document_participant"), table_name="document", schema="document")
    op.drop_table("document", schema="document")
    op.execute('drop schema "document"')
