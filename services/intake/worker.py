"""The worker process of intake."""

from infra.chassis import process
from infra.chassis.worker import run
from services.intake.service import SERVICE

if __name__ == "__main__":
    process.run(run(SERVICE))
