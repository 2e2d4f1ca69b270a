"""The migration process of matching: brings its databases to this version and ends."""

from infra.chassis import databases
from services.matching.service import SERVICE

if __name__ == "__main__":
    databases.run(SERVICE)
