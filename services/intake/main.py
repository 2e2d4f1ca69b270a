"""The API process of intake."""

from infra.chassis import process
from infra.chassis.api import serve
from services.intake.service import SERVICE

if __name__ == "__main__":
    process.run(serve(SERVICE))
