"""Why the glass was broken."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("grant_record", sa.Column("reason", sa.LargeBinary(), nullable=True), schema="grant")


def downgrade() -> None:
    op.drop_column("grant_record", "reason", schema="grant")
