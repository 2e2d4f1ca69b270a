"""Finding concepts of ESCO while somebody types."""

from collections.abc import Sequence

from infra.esco import migration

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    migration.search_tables()


def downgrade() -> None:
    migration.without_search_tables()
