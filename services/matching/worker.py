"""The worker process of matching."""

from infra.chassis import process
from infra.chassis.worker import run
from services.matching.service import SERVICE

if __name__ == "__main__":
    process.run(run(SERVICE))
