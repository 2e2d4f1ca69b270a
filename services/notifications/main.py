"""The API process of notifications."""

from infra.chassis import process
from infra.chassis.api import serve
from services.notifications.service import SERVICE

if __name__ == "__main__":
    process.run(serve(SERVICE))
