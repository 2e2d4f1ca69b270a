"""Which partition a key belongs to: the same answer in every process, on every machine, under every bus, and in SQL."""

import hashlib
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func
from sqlalchemy.sql.roles import ExpressionElementRole


def partition_of(key: str, partitions: int) -> int:
    """A stable hash of the key, modulo the number of partitions."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:2]) % partitions


def partition_in_sql(key: ExpressionElementRole[Any], partitions: int) -> ColumnElement[int]:
    """The same of a column; for lists that must leave out some partitions."""
    digest = func.sha256(func.convert_to(cast(key, Text), "UTF8"))
    return (func.get_byte(digest, 0) * 256 + func.get_byte(digest, 1)) % partitions
