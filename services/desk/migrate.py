"""The migration process of the desk: makes its one table and ends. Runs before the desk starts; may be repeated."""

from infra.chassis import logs
from services.desk.session import schema
from services.desk.settings import DeskOwnerSettings

ROLE = "desk"

if __name__ == "__main__":
    logs.set_up("desk", json=True)
    schema.prepare(DeskOwnerSettings().owner_database_url.get_secret_value(), ROLE)
