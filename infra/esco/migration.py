"""The tables of ESCO, for the chain of each service that keeps a copy: called by one of its versions, never changed."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

AT_ONCE: Final[dict[str, Any]] = {"postgresql_with": {"fastupdate": "off"}}
"""An import takes longer; whoever searches after it does not go through what it left for later."""


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


def search_tables() -> None:
    """Version 2: labels one by one, and words by what is left of them when letters are taken out.

    ESCO has to be brought in once more: the labels that are there stay readable and are found from then on.
    """
    op.create_table(
        "label",
        sa.Column("concept", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.Column("tokens", TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("concept", "language", "folded"),
        schema="esco",
    )
    op.create_index("label_tokens", "label", ["tokens"], schema="esco", postgresql_using="gin", **AT_ONCE)
    op.drop_index("labels_words", "labels", schema="esco")
    op.drop_column("labels", "words", schema="esco")
    op.execute("delete from esco.word")
    op.drop_index("word_grams", "word", schema="esco")
    op.drop_column("word", "grams", schema="esco")
    op.add_column("word", sa.Column("shortened", sa.ARRAY(sa.Integer()), nullable=False), schema="esco")
    op.create_index("word_shortened", "word", ["shortened"], schema="esco", postgresql_using="gin", **AT_ONCE)


def without_search_tables() -> None:
    """Undoes `search_tables`."""
    op.drop_index("word_shortened", "word", schema="esco")
    op.drop_column("word", "shortened", schema="esco")
    op.add_column("word", sa.Column("grams", sa.ARRAY(sa.String()), nullable=False, server_default="{}"), schema="esco")
    op.alter_column("word", "grams", server_default=None, schema="esco")
    op.create_index("word_grams", "word", ["grams"], schema="esco", postgresql_using="gin")
    op.add_column(
        "labels", sa.Column("words", sa.ARRAY(sa.String()), nullable=False, server_default="{}"), schema="esco"
    )
    op.alter_column("labels", "words", server_default=None, schema="esco")
    op.create_index("labels_words", "labels", ["words"], schema="esco", postgresql_using="gin")
    op.drop_table("label", schema="esco")
