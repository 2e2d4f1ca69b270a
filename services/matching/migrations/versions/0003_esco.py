"""A copy of ESCO of the service's own."""

from collections.abc import Sequence

from infra.esco import migration

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    migration.first_tables()


def downgrade() -> None:
    migration.without_tables()
