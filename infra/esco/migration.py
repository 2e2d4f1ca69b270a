"""The tables of ESCO, for the chain of each service that keeps a copy: called by one of its versions, never changed."""

import sqlalchemy as sa
from alembic import op


def first_tables() -> None:
    """Version 1."""
    op.execute('create schema "esco"')
    op.create_table(
        "concept",
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("isco_group", sa.String(), nullable=True),
        sa.Column("reuse", sa.String(), nullable=True),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("obsolete", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("uri"),
        schema="esco",
    )
    op.create_table(
        "labels",
        sa.Column("concept", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("preferred", sa.String(), nullable=False),
        sa.Column("others", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("folded", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("words", sa.ARRAY(sa.String()), nullable=False),
        sa.PrimaryKeyConstraint("concept", "language"),
        schema="esco",
    )
    for name in ("folded", "words"):
        op.create_index(f"labels_{name}", "labels", [name], unique=False, schema="esco", postgresql_using="gin")
    op.create_table(
        "word",
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("word", sa.String(collation="C"), nullable=False),
        sa.Column("grams", sa.ARRAY(sa.String()), nullable=False),
        sa.PrimaryKeyConstraint("language", "word"),
        schema="esco",
    )
    op.create_index("word_grams", "word", ["grams"], unique=False, schema="esco", postgresql_using="gin")
    op.create_table(
        "release",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("concepts", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "language"),
        schema="esco",
    )


def without_tables() -> None:
    """Undoes `first_tables`."""
    for name in ("release", "word", "labels", "concept"):
        op.drop_table(name, schema="esco")
    op.execute('drop schema "esco"')
