"""Intake's authorisation matrix: every cell, one request each, answered as the table says."""

from pathlib import Path

import pytest

from tests.matrix.asking import Matrix
from tests.matrix.table import cells, files, rows_of


@pytest.mark.parametrize("file", files("intake"), ids=lambda file: file.stem)
async def test_every_cell_is_answered_as_the_table_says(intake: Matrix, file: Path) -> None:
    asked = list(cells(rows_of(file)))
    assert asked, f"{file} has no row"
    assert await intake.wrong(asked) == []
