"""The worker process of notifications."""

from infra.chassis import process
from infra.chassis.worker import run
from services.notifications.service import SERVICE

if __name__ == "__main__":
    process.run(run(SERVICE))
