"""Fills in the realm file of a deployment: `python -m infra.keycloak FOLDER`, before Keycloak imports it.

In a demo with the demo's agencies and people; else with nobody: `lotse agency add` and `lotse person add` let them in.
"""

import sys
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from infra.chassis.settings import FROM_OUTSIDE, Environment
from infra.keycloak.realm import REALM, realm_document
from infra.onebox.layout import PEOPLE


class Realm(BaseSettings):
    """What the file leaves open. Names as in `docker-compose.yml`."""

    model_config = FROM_OUTSIDE

    lotse_environment: Environment = "production"
    lotse_desk_url: str
    intake_client_secret: SecretStr
    notifications_client_secret: SecretStr
    desk_client_secret: SecretStr
    admin_client_secret: SecretStr


def fill_in(folder: Path) -> Path:
    """The file, ready for import."""
    realm = Realm()
    secrets = {
        "intake-service": realm.intake_client_secret,
        "notifications-service": realm.notifications_client_secret,
        "lotse-desk": realm.desk_client_secret,
        "lotse-admin": realm.admin_client_secret,
    }
    document, _ = realm_document(
        desk_url=realm.lotse_desk_url,
        secrets={client: secret.get_secret_value() for client, secret in secrets.items()},
        people=PEOPLE if realm.lotse_environment == "demo" else None,
    )
    file = folder / f"{REALM}-realm.json"
    file.write_text(document, encoding="utf-8")
    return file


if __name__ == "__main__":
    fill_in(Path(sys.argv[1]))
