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
    op.execute('create schema "directory"')
    op.execute('create schema "referral"')
    op.execute('create schema "cohort"')
    op.execute('create schema "journey"')
    op.execute('create schema "attendance"')
    op.execute('create schema "feedback"')
    op.execute('create schema "follow_up"')
    op.execute('create schema "needs"')
    op.execute('create schema "placements"')
    op.execute('create schema "timeline"')
    op.execute('create schema "timeline_own"')
    op.create_table(
        "entry",
        sa.Column("journey", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("placement", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("journey", "on", "recorded_by"),
        schema="attendance",
    )
    op.create_index(
        op.f("ix_attendance_entry_participant"), "entry", ["participant"], unique=False, schema="attendance"
    )
    op.create_table(
        "warning",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("journey", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by", sa.String(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="attendance",
    )
    op.create_index(
        op.f("ix_attendance_warning_participant"), "warning", ["participant"], unique=False, schema="attendance"
    )
    op.create_index("warning_journey", "warning", ["journey", "id"], unique=False, schema="attendance")
    op.create_table(
        "cohort",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("coach", sa.Uuid(), nullable=False),
        sa.Column("bindings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="cohort",
    )
    op.create_index(op.f("ix_cohort_cohort_agency"), "cohort", ["agency"], unique=False, schema="cohort")
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("journey", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="cohort",
    )
    op.create_index("enrolment_cohort", "enrolment", ["cohort", "participant"], unique=False, schema="cohort")
    op.create_index(
        op.f("ix_cohort_enrolment_participant"), "enrolment", ["participant"], unique=False, schema="cohort"
    )
    op.create_table(
        "service",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("need", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("eligibility", sa.String(), nullable=False),
        sa.Column("capacity_state", sa.String(), nullable=False),
        sa.Column("free_places", sa.Integer(), nullable=True),
        sa.Column("contact", sa.String(), nullable=True),
        sa.Column("assured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="directory",
    )
    op.create_index(op.f("ix_directory_service_agency"), "service", ["agency"], unique=False, schema="directory")
    op.create_index("service_need", "service", ["need", "name", "id"], unique=False, schema="directory")
    op.create_table(
        "feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("journey", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("rater", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("journey", "stage", "rater", "agency", postgresql_nulls_not_distinct=True),
        schema="feedback",
    )
    op.create_index(
        op.f("ix_feedback_feedback_participant"), "feedback", ["participant"], unique=False, schema="feedback"
    )
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("journey", sa.Uuid(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("journey", "months"),
        schema="follow_up",
    )
    op.create_table(
        "journey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("cohort", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("coach", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("destination", sa.String(), nullable=True),
        sa.Column("placement", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="journey",
    )
    op.create_index(op.f("ix_journey_journey_participant"), "journey", ["participant"], unique=False, schema="journey")
    op.create_index("journey_cohort", "journey", ["cohort"], unique=False, schema="journey")
    op.create_table(
        "stage",
        sa.Column("journey", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("journey", "position"),
        schema="journey",
    )
    op.create_table(
        "need",
        sa.Column("barrier", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("barrier"),
        schema="needs",
    )
    op.create_index(op.f("ix_needs_need_participant"), "need", ["participant"], unique=False, schema="needs")
    op.create_table(
        "placement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("employer", sa.String(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="placements",
    )
    op.create_index(
        op.f("ix_placements_placement_participant"), "placement", ["participant"], unique=False, schema="placements"
    )
    op.create_table(
        "history",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("referral", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.Column("reason_code", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="referral",
    )
    op.create_index(op.f("ix_referral_history_referral"), "history", ["referral"], unique=False, schema="referral")
    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=True),
        sa.Column("need", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("receiver", sa.String(), nullable=True),
        sa.Column("service", sa.Uuid(), nullable=True),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("open_call", sa.Boolean(), nullable=False),
        sa.Column("categories", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("first_appointment", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clock_stopped", sa.Boolean(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("support_step", sa.Uuid(), nullable=True),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="referral",
    )
    op.create_index(
        op.f("ix_referral_referral_participant"), "referral", ["participant"], unique=False, schema="referral"
    )
    op.create_index("referral_receiver", "referral", ["receiver", "id"], unique=False, schema="referral")
    op.create_index("referral_sender", "referral", ["sender", "id"], unique=False, schema="referral")
    op.create_table(
        "line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("sides", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("home", sa.Boolean(), nullable=False),
        sa.Column("person", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", "participant"),
        schema="timeline",
    )
    op.create_index("line_participant", "line", ["participant", "at", "id"], unique=False, schema="timeline")
    op.create_table(
        "line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("sides", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("home", sa.Boolean(), nullable=False),
        sa.Column("person", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", "participant"),
        schema="timeline_own",
    )
    op.create_index("own_line_participant", "line", ["participant", "at", "id"], unique=False, schema="timeline_own")


def downgrade() -> None:
    op.drop_index("own_line_participant", table_name="line", schema="timeline_own")
    op.drop_table("line", schema="timeline_own")
    op.drop_index("line_participant", table_name="line", schema="timeline")
    op.drop_table("line", schema="timeline")
    op.drop_index("referral_sender", table_name="referral", schema="referral")
    op.drop_index("referral_receiver", table_name="referral", schema="referral")
    op.drop_index(op.f("ix_referral_referral_participant"), table_name="referral", schema="referral")
    op.drop_table("referral", schema="referral")
    op.drop_index(op.f("ix_referral_history_referral"), table_name="history", schema="referral")
    op.drop_table("history", schema="referral")
    op.drop_index(op.f("ix_placements_placement_participant"), table_name="placement", schema="placements")
    op.drop_table("placement", schema="placements")
    op.drop_index(op.f("ix_needs_need_participant"), table_name="need", schema="needs")
    op.drop_table("need", schema="needs")
    op.drop_table("stage", schema="journey")
    op.drop_index("journey_cohort", table_name="journey", schema="journey")
    op.drop_index(op.f("ix_journey_journey_participant"), table_name="journey", schema="journey")
    op.drop_table("journey", schema="journey")
    op.drop_table("follow_up", schema="follow_up")
    op.drop_index(op.f("ix_feedback_feedback_participant"), table_name="feedback", schema="feedback")
    op.drop_table("feedback", schema="feedback")
    op.drop_index("service_need", table_name="service", schema="directory")
    op.drop_index(op.f("ix_directory_service_agency"), table_name="service", schema="directory")
    op.drop_table("service", schema="directory")
    op.drop_index(op.f("ix_cohort_enrolment_participant"), table_name="enrolment", schema="cohort")
    op.drop_index("enrolment_cohort", table_name="enrolment", schema="cohort")
    op.drop_table("enrolment", schema="cohort")
    op.drop_index(op.f("ix_cohort_cohort_agency"), table_name="cohort", schema="cohort")
    op.drop_table("cohort", schema="cohort")
    op.drop_index("warning_journey", table_name="warning", schema="attendance")
    op.drop_index(op.f("ix_attendance_warning_participant"), table_name="warning", schema="attendance")
    op.drop_table("warning", schema="attendance")
    op.drop_index(op.f("ix_attendance_entry_participant"), table_name="entry", schema="attendance")
    op.drop_table("entry", schema="attendance")
    op.execute('drop schema "timeline_own"')
    op.execute('drop schema "timeline"')
    op.execute('drop schema "placements"')
    op.execute('drop schema "needs"')
    op.execute('drop schema "follow_up"')
    op.execute('drop schema "feedback"')
    op.execute('drop schema "attendance"')
    op.execute('drop schema "journey"')
    op.execute('drop schema "cohort"')
    op.execute('drop schema "referral"')
    op.execute('drop schema "directory"')
