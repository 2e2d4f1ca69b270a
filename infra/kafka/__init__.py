"""Kafka as a region runs it: its configuration files, mounted by docker-compose.yml and passed on by realstack, and the
one-shot `python -m infra.kafka` (also `lotse topics create`) that makes topics, users and rights."""

from pathlib import Path
from typing import Final

SERVER: Final = Path(__file__).parent / "server.properties"
SECURED: Final = Path(__file__).parent / "secured.properties"
