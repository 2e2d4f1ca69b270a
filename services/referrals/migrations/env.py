"""Alembic's entry: the same for every service."""

from infra.chassis.migrate import run_env

run_env()
