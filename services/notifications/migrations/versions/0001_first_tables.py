"""The first tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute('create schema "inbox"')
    op.execute('create schema "rules"')
    op.execute('create schema "preference"')
    op.execute('create schema "delivery"')
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("party", sa.Boolean(), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("escalation", sa.Boolean(), nullable=False),
        sa.Column("bundle", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("traceparent", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event", "recipient", "channel"),
        schema="delivery",
    )
    op.create_index(
        "delivery_due",
        "delivery",
        ["tries", "next_try_at"],
        unique=False,
        schema="delivery",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(op.f("ix_delivery_delivery_bundle"), "delivery", ["bundle"], unique=False, schema="delivery")
    op.create_index(
        op.f("ix_delivery_delivery_participant"), "delivery", ["participant"], unique=False, schema="delivery"
    )
    op.create_table(
        "forgotten",
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("participant"),
        schema="inbox",
    )
    op.create_table(
        "item",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("party", sa.Boolean(), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("event", "recipient"),
        sa.UniqueConstraint("id"),
        schema="inbox",
    )
    op.create_index("item_recipient", "item", ["recipient", "position"], unique=False, schema="inbox")
    op.create_index(op.f("ix_inbox_item_participant"), "item", ["participant"], unique=False, schema="inbox")
    op.create_table(
        "preference",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("quiet_begin", sa.Time(), nullable=True),
        sa.Column("quiet_end", sa.Time(), nullable=True),
        sa.Column("muted", sa.ARRAY(sa.String()), nullable=False),
        sa.PrimaryKeyConstraint("person"),
        schema="preference",
    )
    op.create_table(
        "journey_part",
        sa.Column("journey", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("coach", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("journey"),
        schema="rules",
    )
    op.create_index(
        op.f("ix_rules_journey_part_participant"), "journey_part", ["participant"], unique=False, schema="rules"
    )
    op.create_table(
        "placement_part",
        sa.Column("placement", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.Uuid(), nullable=False),
        sa.Column("employer", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("placement"),
        schema="rules",
    )
    op.create_index(
        op.f("ix_rules_placement_part_participant"), "placement_part", ["participant"], unique=False, schema="rules"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_rules_placement_part_participant"), table_name="placement_part", schema="rules")
    op.drop_table("placement_part", schema="rules")
    op.drop_index(op.f("ix_rules_journey_part_participant"), table_name="journey_part", schema="rules")
    op.drop_table("journey_part", schema="rules")
    op.drop_table("preference", schema="preference")
    op.drop_index(op.f("ix_inbox_item_participant"), table_name="item", schema="inbox")
    op.drop_index("item_recipient", table_name="item", schema="inbox")
    op.drop_table("item", schema="inbox")
    op.drop_table("forgotten", schema="inbox")
    op.drop_index(op.f("ix_delivery_delivery_participant"), table_name="delivery", schema="delivery")
    op.drop_index(op.f("ix_delivery_delivery_bundle"), table_name="delivery", schema="delivery")
    op.drop_index(
        "delivery_due", table_name="delivery", schema="delivery", postgresql_where=sa.text("state = 'waiting'")
    )
    op.drop_table("delivery", schema="delivery")
    op.execute('drop schema "delivery"')
    op.execute('drop schema "preference"')
    op.execute('drop schema "rules"')
    op.execute('drop schema "inbox"')
