"""The migration process of intake: brings its databases to this version and ends."""

from infra.chassis import databases
from services.intake.service import SERVICE

if __name__ == "__main__":
    databases.run(SERVICE)
