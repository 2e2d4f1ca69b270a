"""Records are filed for duplicates in one row each, with tokens and a Bloom filter; estimated weights are kept.

No release has written `blocking_key`, so it goes at once. Records that are there already are filed in small steps.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


_FILES = """
do $$ begin
    if to_regclass('chassis.deadline') is not null then  -- it is there: the chassis' tables come first
        insert into chassis.deadline (kind, about, due_at, details, tries)
        values ('duplicates-file', '00000000-0000-0000-0000-000000000010', now(), '{}', 0)
        on conflict do nothing;
    end if;
end $$
"""


def upgrade() -> None:
    op.execute(_FILES)
    op.drop_index(op.f("ix_duplicates_blocking_key_participant"), table_name="blocking_key", schema="duplicates")
    op.drop_table("blocking_key", schema="duplicates")
    op.create_table(
        "encoding",
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("tokens", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("bloom", postgresql.BIT(1024), nullable=False),
        sa.PrimaryKeyConstraint("participant"),
        schema="duplicates",
    )
    op.create_index(
        "encoding_tokens",
        "encoding",
        ["tokens"],
        unique=False,
        schema="duplicates",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_table(
        "model",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("estimated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version"),
        schema="duplicates",
    )
    op.add_column("candidate", sa.Column("weights", sa.String(), nullable=True), schema="duplicates")
    op.add_column("candidate", sa.Column("against", sa.String(), nullable=True), schema="duplicates")


def downgrade() -> None:
    op.drop_column("candidate", "against", schema="duplicates")
    op.drop_column("candidate", "weights", schema="duplicates")
    op.drop_table("model", schema="duplicates")
    op.drop_table("encoding", schema="duplicates")
    op.create_table(
        "blocking_key",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("token", "participant"),
        schema="duplicates",
    )
    op.create_index(
        op.f("ix_duplicates_blocking_key_participant"),
        "blocking_key",
        ["participant"],
        unique=False,
        schema="duplicates",
    )
