"""The first tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute('create schema "opportunity"')
    op.execute('create schema "candidate"')
    op.execute('create schema "placement"')
    op.create_table(
        "candidate",
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("skills", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("languages", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("occupations", sa.ARRAY(sa.String()), nullable=True),
        sa.Column("available_from", sa.Date(), nullable=True),
        sa.Column("work", sa.String(), nullable=True),
        sa.Column("training", sa.String(), nullable=True),
        sa.Column("internship", sa.String(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("participant"),
        schema="candidate",
    )
    op.create_table(
        "opportunity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("occupation", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("must_skills", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("can_skills", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("language_needs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("needed", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("spoken", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="opportunity",
    )
    op.create_index(
        op.f("ix_opportunity_opportunity_agency"), "opportunity", ["agency"], unique=False, schema="opportunity"
    )
    op.create_index(
        op.f("ix_opportunity_opportunity_occupation"), "opportunity", ["occupation"], unique=False, schema="opportunity"
    )
    op.create_index(
        "opportunity_needed", "opportunity", ["needed"], unique=False, schema="opportunity", postgresql_using="gin"
    )
    op.create_index(
        "opportunity_on_offer", "opportunity", ["state", "kind", "starts_on", "id"], unique=False, schema="opportunity"
    )
    op.create_table(
        "placement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("opportunity", sa.Uuid(), nullable=False),
        sa.Column("employer", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("matched", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="placement",
    )
    op.create_index(
        "placement_active",
        "placement",
        ["participant", "kind"],
        unique=True,
        schema="placement",
        postgresql_where=sa.text("state in ('confirmed', 'started')"),
    )
    op.create_index("placement_employer", "placement", ["employer", "id"], unique=False, schema="placement")
    op.create_index("placement_opportunity", "placement", ["opportunity"], unique=False, schema="placement")
    op.create_index("placement_participant", "placement", ["participant"], unique=False, schema="placement")


def downgrade() -> None:
    op.drop_index("placement_participant", table_name="placement", schema="placement")
    op.drop_index("placement_opportunity", table_name="placement", schema="placement")
    op.drop_index("placement_employer", table_name="placement", schema="placement")
    op.drop_index(
        "placement_active",
        table_name="placement",
        schema="placement",
        postgresql_where=sa.text("state in ('confirmed', 'started')"),
    )
    op.drop_table("placement", schema="placement")
    op.drop_index("opportunity_on_offer", table_name="opportunity", schema="opportunity")
    op.drop_index("opportunity_needed", table_name="opportunity", schema="opportunity", postgresql_using="gin")
    op.drop_index(op.f("ix_opportunity_opportunity_occupation"), table_name="opportunity", schema="opportunity")
    op.drop_index(op.f("ix_opportunity_opportunity_agency"), table_name="opportunity", schema="opportunity")
    op.drop_table("opportunity", schema="opportunity")
    op.drop_table("candidate", schema="candidate")
    op.execute('drop schema "placement"')
    op.execute('drop schema "candidate"')
    op.execute('drop schema "opportunity"')
