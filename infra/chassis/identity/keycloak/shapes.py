"""What agencies, staff and participants look like in Keycloak: groups, users, clients, as its API takes them.

Agencies are the groups below `/agencies`; their attribute `agency` becomes the claim of everybody in them. Participants
are in `/participants`, which gives the role. Nothing here speaks to Keycloak.
"""

from collections.abc import Mapping
from typing import Any, Final

from contracts.vocabulary import ParticipantId, Role

AGENCIES: Final = "agencies"
PARTICIPANTS: Final = "participants"
STAFF_ROLES: Final = frozenset(Role) - {Role.PARTICIPANT}

Shape = dict[str, Any]


def agency_group(agency: str, name: str, kind: str) -> Shape:
    """The group of an agency."""
    return {"name": agency, "attributes": {"agency": [agency], "title": [name], "kind": [kind]}}


def agency_path(agency: str) -> str:
    return f"/{AGENCIES}/{agency}"


def agency_of(group: Mapping[str, Any]) -> str | None:
    """The agency whose group this is; None for another group."""
    above, _, agency = str(group["path"]).rpartition("/")
    return agency if above == f"/{AGENCIES}" else None


def system_id(agency: str) -> str:
    """The client id of an agency's own system."""
    return f"{agency}-system"


def system_client(agency: str) -> Shape:
    """The client of an agency's own system: client credentials and nothing else. Keycloak draws the secret."""
    return {
        "clientId": system_id(agency),
        "name": f"System of {agency}",
        "publicClient": False,
        "standardFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": True,
        "fullScopeAllowed": True,
        "defaultClientScopes": ["lotse"],
        "optionalClientScopes": [],
    }


def service_account(client_id: str) -> str:
    """The user name of a client's own account."""
    return f"service-account-{client_id}"


def is_service_account(username: str) -> bool:
    return username.startswith("service-account-")


def staff_user(username: str, name: str, email: str, language: str) -> Shape:
    """A member of staff. The name is told apart at its last space, which `full_name` undoes."""
    given, _, family = name.strip().rpartition(" ")
    return {
        "username": username,
        "firstName": given or family,
        "lastName": family if given else "",
        "email": email,
        "emailVerified": True,
        "attributes": {"locale": [language]},
    }


def full_name(user: Mapping[str, Any]) -> str:
    return f"{user.get('firstName') or ''} {user.get('lastName') or ''}".strip()


def language_of(user: Mapping[str, Any]) -> str:
    return attribute(user, "locale") or "en"


def participant_user(participant: ParticipantId, reference: str) -> Shape:
    """A participant: no name, no address; the id is in an attribute that nobody but an administrator can set."""
    return {
        "username": reference,
        "enabled": True,
        "groups": [f"/{PARTICIPANTS}"],
        "attributes": {"participant": [str(participant)], "locale": ["en"]},
    }


def attribute(held: Mapping[str, Any], name: str) -> str | None:
    """The first value of an attribute of a user or group."""
    values: list[str] = (held.get("attributes") or {}).get(name) or []
    return values[0] if values else None
