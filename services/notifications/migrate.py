"""The migration process of notifications: brings its databases to this version and ends."""

from infra.chassis import databases
from services.notifications.service import SERVICE

if __name__ == "__main__":
    databases.run(SERVICE)
