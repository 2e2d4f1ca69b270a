"""A look into a database, past all code of ours."""

from typing import Any

import psycopg
from psycopg.rows import dict_row


async def rows(url: str, statement: str, *values: object) -> list[dict[str, Any]]:
    """What a statement gives; changes are kept."""
    async with await psycopg.AsyncConnection.connect(url, row_factory=dict_row) as conn:
        found = await conn.execute(statement.encode(), values)
        return await found.fetchall()
