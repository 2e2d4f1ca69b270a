"""Who may do what on Kafka, from the table of topics.

A service writes its own topics, and reads those and the ones it is named for.

Blocks: call it in a thread. Rights of anybody who is no service of ours are left alone.
"""

from collections.abc import Mapping
from typing import Final

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from contracts.topics import SERVICES, TOPICS
from infra.chassis.bus.kafka.admin import Admin

FEEDS: Final = "lotse.republish"
"""Begin of the private topics that `lotse republish` makes: `lotse.republish.<publisher>.<reader>...`."""


def declared() -> set[ACL]:
    """All rights of all services."""
    rights: set[ACL] = set()
    for topic in TOPICS:
        # After a restore `lotse reconcile` reads what the service itself has said, and has forgotten since.
        rights |= _on_topic(topic.publisher, topic.name, ACLOperation.WRITE, ACLOperation.READ)
        for reader in topic.readers:
            rights |= _on_topic(reader, topic.name, ACLOperation.READ)
            feed = f"{FEEDS}.{topic.publisher}.{reader}"
            rights |= _on_topic(reader, feed, ACLOperation.READ, prefix=True)
            rights |= _on_topic(topic.publisher, feed, ACLOperation.CREATE, ACLOperation.WRITE, prefix=True)
            # A broken-off feed is taken up where its topic ends, so whoever feeds reads what was fed.
            rights |= _on_topic(topic.publisher, feed, ACLOperation.READ, prefix=True)
    for service in SERVICES:
        rights.add(_right(service, ResourceType.GROUP, f"lotse.{service}", ACLOperation.READ))
    return rights


def set_up(admin: Admin, passwords: Mapping[str, str]) -> None:
    """Give each service exactly the declared rights, and the users of `passwords` these passwords. Idempotent."""
    if passwords:
        answers = admin.client.alter_user_scram_credentials(
            [UserScramCredentialUpsertion(user, ScramMechanism.SCRAM_SHA_512, word) for user, word in passwords.items()]
        )
        if refused := [user for user, error in answers.items() if error is not None]:
            raise RuntimeError(f"Kafka took no password for: {', '.join(refused)}.")
    wanted, there = declared(), _present(admin)
    if missing := wanted - there:
        admin.client.create_acls(list(missing))
    if stale := there - wanted:
        admin.client.delete_acls(list(stale))


def _present(admin: Admin) -> set[ACL]:
    """What our services may do now."""
    found: set[ACL] = set()
    for service in SERVICES:
        every = ACLFilter(
            f"User:{service}",
            None,
            ACLOperation.ANY,
            ACLPermissionType.ANY,
            ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
        )
        acls, _ = admin.client.describe_acls(every)
        found |= set(acls)
    return found


def _on_topic(service: str, name: str, *operations: ACLOperation, prefix: bool = False) -> set[ACL]:
    return {
        _right(service, ResourceType.TOPIC, name, each, prefix=prefix) for each in (*operations, ACLOperation.DESCRIBE)
    }


def _right(service: str, kind: ResourceType, name: str, operation: ACLOperation, *, prefix: bool = False) -> ACL:
    pattern = ACLResourcePatternType.PREFIXED if prefix else ACLResourcePatternType.LITERAL
    return ACL(f"User:{service}", "*", operation, ACLPermissionType.ALLOW, ResourcePattern(kind, name, pattern))
