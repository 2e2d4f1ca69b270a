"""What records said before, and whose contact is protected."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "participant",
        sa.Column("protected", sa.Boolean(), nullable=False, server_default=sa.false()),
        schema="participant",
    )
    op.create_table(
        "change",
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("by_agency", sa.String(), nullable=True),
        sa.Column("parts", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=True),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("caseworker", sa.Uuid(), nullable=True),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("protected", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["participant"], ["participant.participant.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("participant", "version"),
        schema="participant",
    )


def downgrade() -> None:
    op.drop_table("change", schema="participant")
    op.drop_column("participant", "protected", schema="participant")
