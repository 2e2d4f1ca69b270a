"""Fills in the realm file: secrets and the desk's address and, for a demo, its agencies, people and systems.

In a deployment Keycloak fills in the same `${LOTSE_...}` from its own environment when it imports `realm.json`. Nothing
of a demo is in that file.
"""

import json
import secrets as chance
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from infra.chassis.identity.embedded.people import Client, People, Person, load_people
from infra.chassis.identity.keycloak import shapes

FILE: Final = Path(__file__).parent / "realm.json"
REALM: Final = "lotse"

Document = dict[str, Any]


def realm_document(*, desk_url: str, secrets: Mapping[str, str], people: Path | None) -> tuple[str, dict[str, str]]:
    """(the realm ready for import, client id -> secret).

    A secret that is not given is drawn. `people` is a file like the onebox's; its secrets count unless others are
    given.
    """
    document = json.loads(FILE.read_text(encoding="utf-8").replace("${LOTSE_DESK_URL}", desk_url))
    known = load_people(people) if people else None
    stated = {client.client_id: client.secret for client in known.clients if client.secret} if known else {}
    if known:
        _add_people(document, known)
    held = {}
    for client in document["clients"]:
        if "secret" in client:
            name = client["clientId"]
            client["secret"] = held[name] = secrets.get(name) or stated.get(name) or chance.token_urlsafe(24)
    return json.dumps(document), held


def _add_people(document: Document, people: People) -> None:
    [agencies] = [group for group in document["groups"] if group["name"] == shapes.AGENCIES]
    agencies["subGroups"] = [shapes.agency_group(one.id, one.name, one.kind) for one in people.agencies]
    document["users"] += [_user(person, people) for person in people.people]
    for client in people.clients:
        if client.agency is not None and client.acts_for_itself:
            document["clients"].append(
                shapes.system_client(client.agency) | {"clientId": client.client_id, "secret": ""}
            )
            document["users"].append(_account_of(client, client.agency))


def _user(person: Person, people: People) -> Document:
    password = {"type": "password", "value": people.password_of(person), "temporary": False}
    return shapes.staff_user(person.username, person.name, person.email, person.language) | {
        "id": str(person.id),
        "enabled": True,
        "groups": [shapes.agency_path(person.agency)],
        "realmRoles": sorted(person.roles),
        "credentials": [password],
    }


def _account_of(client: Client, agency: str) -> Document:
    return {
        "username": shapes.service_account(client.client_id),
        "enabled": True,
        "serviceAccountClientId": client.client_id,
        "groups": [shapes.agency_path(agency)],
        "realmRoles": sorted(client.roles),
    }
