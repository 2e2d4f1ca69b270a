"""The worker process of referrals."""

from infra.chassis import process
from infra.chassis.worker import run
from services.referrals.service import SERVICE

if __name__ == "__main__":
    process.run(run(SERVICE))
