"""The first tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MAKE_MONTHS = """
create function chassis.make_outbox_months(today timestamptz, ahead int) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  month timestamp;
  begins timestamptz;
  ends timestamptz;
  made int := 0;
begin
  for step in 0 .. least(ahead, 24) loop
    month := date_trunc('month', today at time zone 'UTC') + make_interval(months => step);
    begins := month at time zone 'UTC';
    ends := (month + interval '1 month') at time zone 'UTC';
    continue when to_regclass(format('chassis.outbox_%s', to_char(month, 'YYYY_MM'))) is not null;
    -- Rows for which nobody made the month in time stay where they are.
    continue when exists (select from chassis.outbox_rest where recorded_at >= begins and recorded_at < ends);
    -- Attached, not made in place: that would hold up everybody who states a fact.
    execute format('create table chassis.outbox_%s (like chassis.outbox)', to_char(month, 'YYYY_MM'));
    execute format('alter table chassis.outbox attach partition chassis.outbox_%s for values from (%L) to (%L)',
                   to_char(month, 'YYYY_MM'), begins, ends);
    made := made + 1;
  end loop;
  return made;
end $$
"""


def upgrade() -> None:
    op.execute('create schema "chassis"')
    op.execute('create schema "access"')
    op.create_table(
        "ended_access",
        sa.Column("staff", sa.Uuid(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("staff"),
        schema="access",
    )
    op.create_table(
        "grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "category"),
        schema="access",
    )
    op.create_index("grant_recipient", "grant", ["recipient", "category", "participant"], unique=False, schema="access")
    op.create_index(op.f("ix_access_grant_participant"), "grant", ["participant"], unique=False, schema="access")
    op.create_table(
        "link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("a", sa.Uuid(), nullable=False),
        sa.Column("b", sa.Uuid(), nullable=False),
        sa.Column("canonical", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="access",
    )
    op.create_index(op.f("ix_access_link_a"), "link", ["a"], unique=False, schema="access")
    op.create_index(op.f("ix_access_link_b"), "link", ["b"], unique=False, schema="access")
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("caseworker", sa.Uuid(), nullable=True),
        sa.Column("correlation", sa.Uuid(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="access",
    )
    op.create_index("person_agency", "person", ["agency"], unique=False, schema="access")
    op.create_table(
        "answer",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("location", sa.String(), nullable=True),
        sa.Column("participant", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", "key"),
        schema="chassis",
    )
    op.create_index(op.f("ix_chassis_answer_at"), "answer", ["at"], unique=False, schema="chassis")
    op.create_index(op.f("ix_chassis_answer_participant"), "answer", ["participant"], unique=False, schema="chassis")
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Uuid(), nullable=True),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="chassis",
    )
    op.create_index("audit_participant", "audit", ["participant", "id"], unique=False, schema="chassis")
    op.create_table(
        "audit_seal",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("audit_id"),
        schema="chassis",
    )
    op.create_table(
        "clock_offset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ahead", sa.Interval(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="chassis",
    )
    op.create_table(
        "deadline",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kind", "about"),
        schema="chassis",
    )
    op.create_index(op.f("ix_chassis_deadline_due_at"), "deadline", ["due_at"], unique=False, schema="chassis")
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
        schema="chassis",
    )
    op.create_index(op.f("ix_chassis_inbox_handled_at"), "inbox", ["handled_at"], unique=False, schema="chassis")
    op.create_table(
        "key_of",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("person"),
        schema="chassis",
    )
    op.create_table(
        "lane",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("consumer", "topic", "key"),
        schema="chassis",
    )
    op.create_index(op.f("ix_chassis_lane_retry_at"), "lane", ["retry_at"], unique=False, schema="chassis")
    op.create_table(
        "lane_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("consumer", "event_id"),
        schema="chassis",
    )
    op.create_index(op.f("ix_chassis_lane_event_consumer"), "lane_event", ["consumer"], unique=False, schema="chassis")
    op.create_index(op.f("ix_chassis_lane_event_key"), "lane_event", ["key"], unique=False, schema="chassis")
    op.create_table(
        "lane_skipped",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("skipped_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="chassis",
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("traceparent", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_at"),
        schema="chassis",
        postgresql_partition_by="range (recorded_at)",
    )
    op.create_index("outbox_key", "outbox", ["key"], unique=False, schema="chassis")
    op.create_index(
        "outbox_unpublished",
        "outbox",
        ["id"],
        unique=False,
        schema="chassis",
        postgresql_where=sa.text("published_at is null"),
    )
    op.execute("create table chassis.outbox_rest partition of chassis.outbox default")
    op.execute(MAKE_MONTHS)
    op.execute("revoke all on function chassis.make_outbox_months from public")
    op.execute("select chassis.make_outbox_months(now(), 3)")


def downgrade() -> None:
    op.execute("drop function chassis.make_outbox_months")
    op.drop_index(
        "outbox_unpublished", table_name="outbox", schema="chassis", postgresql_where=sa.text("published_at is null")
    )
    op.drop_index("outbox_key", table_name="outbox", schema="chassis")
    op.drop_table("outbox", schema="chassis")
    op.drop_table("lane_skipped", schema="chassis")
    op.drop_index(op.f("ix_chassis_lane_event_key"), table_name="lane_event", schema="chassis")
    op.drop_index(op.f("ix_chassis_lane_event_consumer"), table_name="lane_event", schema="chassis")
    op.drop_table("lane_event", schema="chassis")
    op.drop_index(op.f("ix_chassis_lane_retry_at"), table_name="lane", schema="chassis")
    op.drop_table("lane", schema="chassis")
    op.drop_table("key_of", schema="chassis")
    op.drop_index(op.f("ix_chassis_inbox_handled_at"), table_name="inbox", schema="chassis")
    op.drop_table("inbox", schema="chassis")
    op.drop_index(op.f("ix_chassis_deadline_due_at"), table_name="deadline", schema="chassis")
    op.drop_table("deadline", schema="chassis")
    op.drop_table("clock_offset", schema="chassis")
    op.drop_table("audit_seal", schema="chassis")
    op.drop_index("audit_participant", table_name="audit", schema="chassis")
    op.drop_table("audit", schema="chassis")
    op.drop_index(op.f("ix_chassis_answer_participant"), table_name="answer", schema="chassis")
    op.drop_index(op.f("ix_chassis_answer_at"), table_name="answer", schema="chassis")
    op.drop_table("answer", schema="chassis")
    op.drop_index("person_agency", table_name="person", schema="access")
    op.drop_table("person", schema="access")
    op.drop_index(op.f("ix_access_link_b"), table_name="link", schema="access")
    op.drop_index(op.f("ix_access_link_a"), table_name="link", schema="access")
    op.drop_table("link", schema="access")
    op.drop_index(op.f("ix_access_grant_participant"), table_name="grant", schema="access")
    op.drop_index("grant_recipient", table_name="grant", schema="access")
    op.drop_table("grant", schema="access")
    op.drop_table("ended_access", schema="access")
    op.execute('drop schema "access"')
    op.execute('drop schema "chassis"')
