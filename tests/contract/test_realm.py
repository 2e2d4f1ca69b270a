"""The realm file says what our services expect: our roles, no secret, no person, the code flow with S256 only."""

import json
import re
from typing import Any

from contracts.topics import SERVICES
from contracts.vocabulary import Role
from infra.chassis.identity.embedded.tokens import ACCESS_LIFE, AUDIENCE
from infra.keycloak.realm import FILE, REALM, realm_document
from infra.onebox.layout import PEOPLE

REALM_FILE: dict[str, Any] = json.loads(FILE.read_text())
CLIENTS = {client["clientId"]: client for client in REALM_FILE["clients"]}


def mappers(scope: str) -> dict[str, dict[str, str]]:
    """claim or kind of mapper -> its settings"""
    [found] = [one for one in REALM_FILE["clientScopes"] if one["name"] == scope]
    return {m["config"].get("claim.name", m["protocolMapper"]): m["config"] for m in found["protocolMappers"]}


def test_the_roles_are_those_of_our_vocabulary() -> None:
    assert {role["name"] for role in REALM_FILE["roles"]["realm"]} == set(Role)


def test_a_token_says_what_our_verifier_asks() -> None:
    claims = mappers("lotse")
    assert claims["oidc-audience-mapper"]["included.custom.audience"] == AUDIENCE
    assert claims["agency"]["aggregate.attrs"] == "true", "the group's attribute must count"
    assert {"realm_access.roles", "participant", "client_id", "oidc-sub-mapper"} <= set(claims)
    assert REALM_FILE["accessTokenLifespan"] == ACCESS_LIFE.total_seconds()
    assert REALM_FILE["defaultSignatureAlgorithm"] == "RS256"


def test_no_name_is_in_an_access_token() -> None:
    for claim, settings in mappers("person").items():
        assert settings.get("access.token.claim", "false") == "false", claim


def test_the_file_holds_neither_secrets_nor_people() -> None:
    assert all(client.get("secret", "${LOTSE_X}").startswith("${LOTSE_") for client in CLIENTS.values())
    assert all("serviceAccountClientId" in user and "credentials" not in user for user in REALM_FILE["users"])
    assert all("subGroups" not in group for group in REALM_FILE["groups"])
    document, _ = realm_document(desk_url="https://lotse.example", secrets={}, people=None)
    assert "jonas" not in document


def test_who_logs_people_in_uses_the_code_flow_with_s256_and_nothing_else() -> None:
    flows = [client for client in CLIENTS.values() if client["standardFlowEnabled"]]
    assert {client["clientId"] for client in flows} == {"lotse-desk", "lotse-cli"}
    assert all(client["attributes"]["pkce.code.challenge.method"] == "S256" for client in flows)
    assert not any(client["directAccessGrantsEnabled"] for client in CLIENTS.values())
    assert not any(client.get("implicitFlowEnabled") for client in CLIENTS.values())


def test_a_service_has_the_rights_in_keycloak_that_it_needs() -> None:
    rights = {
        user["serviceAccountClientId"]: set(user["clientRoles"]["realm-management"]) for user in REALM_FILE["users"]
    }
    assert rights["notifications-service"] == {"view-users"}
    assert rights["intake-service"] == {"manage-users", "view-users"}
    assert {client for client in rights if client.endswith("-service")} <= {f"{name}-service" for name in SERVICES}


def test_guessing_is_stopped() -> None:
    assert REALM_FILE["bruteForceProtected"]
    assert (REALM_FILE["failureFactor"], REALM_FILE["waitIncrementSeconds"]) == (5, 900)


def test_everything_is_filled_in() -> None:
    text, secrets = realm_document(
        desk_url="https://lotse.example", secrets={"lotse-desk": "a-secret-of-ours"}, people=PEOPLE
    )
    assert re.findall(r"\$\{LOTSE_\w+\}", text) == []
    assert secrets["lotse-desk"] == "a-secret-of-ours"
    assert secrets["intake-service"] == "demo-only-intake-secret", "the demo's own"
    assert len(secrets["lotse-admin"]) >= 32, "drawn"
    document = json.loads(text)
    assert document["realm"] == REALM
    [agencies] = [group for group in document["groups"] if group["name"] == "agencies"]
    assert {"job-centre", "region"} <= {group["name"] for group in agencies["subGroups"]}
    [jonas] = [user for user in document["users"] if user["username"] == "jonas"]
    assert (jonas["groups"], jonas["realmRoles"]) == (["/agencies/job-centre"], ["caseworker"])
