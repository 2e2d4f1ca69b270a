"""The API process of referrals."""

from infra.chassis import process
from infra.chassis.api import serve
from services.referrals.service import SERVICE

if __name__ == "__main__":
    process.run(serve(SERVICE))
