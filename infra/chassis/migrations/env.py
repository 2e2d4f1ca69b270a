"""Alembic's entry, the same for every chain."""

from infra.chassis.migrate import run_env

run_env()
