"""The API process of matching."""

from infra.chassis import process
from infra.chassis.api import serve
from services.matching.service import SERVICE

if __name__ == "__main__":
    process.run(serve(SERVICE))
