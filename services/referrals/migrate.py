"""The migration process of referrals: brings its databases to this version and ends."""

from infra.chassis import databases
from services.referrals.service import SERVICE

if __name__ == "__main__":
    databases.run(SERVICE)
