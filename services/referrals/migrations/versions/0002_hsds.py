"""What a directory in the Human Services Data Specification says: organisations, places, and more of each service."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for name in ("organisation", "location"):
        op.create_table(
            name,
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("agency", sa.String(), nullable=False),
            sa.Column("said", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
            sa.PrimaryKeyConstraint("id"),
            schema="directory",
        )
    op.add_column("service", sa.Column("organisation", sa.Uuid(), nullable=True), schema="directory")
    op.add_column(
        "service",
        sa.Column("locations", sa.ARRAY(sa.Uuid()), nullable=False, server_default="{}"),
        schema="directory",
    )
    op.add_column(
        "service",
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="{}"),
        schema="directory",
    )


def downgrade() -> None:
    for column in ("details", "locations", "organisation"):
        op.drop_column("service", column, schema="directory")
    for name in ("location", "organisation"):
        op.drop_table(name, schema="directory")
