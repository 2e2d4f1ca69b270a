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
    op.execute('create schema "participant"')
    op.execute('create schema "grant"')
    op.execute('create schema "duplicates"')
    op.execute('create schema "profile"')
    op.execute('create schema "residence"')
    op.execute('create schema "assessment"')
    op.create_table(
        "barrier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="assessment",
    )
    op.create_index(
        op.f("ix_assessment_barrier_participant"), "barrier", ["participant"], unique=False, schema="assessment"
    )
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
    op.create_table(
        "candidate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Uuid(), nullable=False),
        sa.Column("second", sa.Uuid(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("confirmed", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("link", sa.Uuid(), nullable=True),
        sa.Column("bits", sa.Float(), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("first", "second"),
        sa.UniqueConstraint("link"),
        schema="duplicates",
    )
    op.create_index(op.f("ix_duplicates_candidate_second"), "candidate", ["second"], unique=False, schema="duplicates")
    op.create_table(
        "grant_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("categories", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_how", sa.String(), nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("norm", sa.String(), nullable=True),
        sa.Column("ended", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("placement", sa.Uuid(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="grant",
    )
    op.create_index(
        op.f("ix_grant_grant_record_participant"), "grant_record", ["participant"], unique=False, schema="grant"
    )
    op.create_index(
        op.f("ix_grant_grant_record_placement"), "grant_record", ["placement"], unique=False, schema="grant"
    )
    op.create_table(
        "participant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("caseworker", sa.Uuid(), nullable=True),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
        schema="participant",
    )
    op.create_index(
        "participant_agency", "participant", ["agency", "registered_at", "id"], unique=False, schema="participant"
    )
    op.create_table(
        "token",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("token", "participant", "kind"),
        schema="participant",
    )
    op.create_index(
        op.f("ix_participant_token_participant"), "token", ["participant"], unique=False, schema="participant"
    )
    op.create_table(
        "profile",
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("participant"),
        schema="profile",
    )
    op.create_table(
        "residence",
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("participant"),
        schema="residence",
    )


def downgrade() -> None:
    op.drop_table("residence", schema="residence")
    op.drop_table("profile", schema="profile")
    op.drop_index(op.f("ix_participant_token_participant"), table_name="token", schema="participant")
    op.drop_table("token", schema="participant")
    op.drop_index("participant_agency", table_name="participant", schema="participant")
    op.drop_table("participant", schema="participant")
    op.drop_index(op.f("ix_grant_grant_record_placement"), table_name="grant_record", schema="grant")
    op.drop_index(op.f("ix_grant_grant_record_participant"), table_name="grant_record", schema="grant")
    op.drop_table("grant_record", schema="grant")
    op.drop_index(op.f("ix_duplicates_candidate_second"), table_name="candidate", schema="duplicates")
    op.drop_table("candidate", schema="duplicates")
    op.drop_index(op.f("ix_duplicates_blocking_key_participant"), table_name="blocking_key", schema="duplicates")
    op.drop_table("blocking_key", schema="duplicates")
    op.drop_index(op.f("ix_assessment_barrier_participant"), table_name="barrier", schema="assessment")
    op.drop_table("barrier", schema="assessment")
    op.execute('drop schema "assessment"')
    op.execute('drop schema "residence"')
    op.execute('drop schema "profile"')
    op.execute('drop schema "duplicates"')
    op.execute('drop schema "grant"')
    op.execute('drop schema "participant"')
