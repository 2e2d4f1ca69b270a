"""The demo's people, agencies and clients, read from one YAML file and checked. Knows no HTTP and no database."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import field
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import yaml
from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from contracts.vocabulary import AgencyId, LanguageCode, Role, StaffId

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Secret = Annotated[str, StringConstraints(min_length=8, max_length=200)]

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
MAY_MANAGE_PARTICIPANTS: Final = "participants"
MAY_READ_STAFF: Final = "staff"
MAY_SUSPEND_STAFF: Final = "suspend"
_RIGHTS: Final = frozenset({MAY_MANAGE_PARTICIPANTS, MAY_READ_STAFF, MAY_SUSPEND_STAFF})

_STRICT: Final = ConfigDict(extra="forbid")


class PeopleFileError(Exception):
    """The file can't be used; the message names every wrong place in it."""


@dataclass(frozen=True, config=_STRICT)
class Agency:
    """A tenant of the region."""

    id: AgencyId
    name: Name
    kind: Name


@dataclass(frozen=True, config=_STRICT)
class Person:
    """A member of staff who can log in. Without a password of their own they use the file's."""

    id: StaffId
    username: Name
    name: Name
    agency: AgencyId
    roles: frozenset[Role]
    email: Name
    language: LanguageCode = "en"
    password: Secret | None = field(default=None, repr=False)


@dataclass(frozen=True, config=_STRICT)
class Client:
    """A program that asks for tokens.

    With redirect URIs it logs people in; with a secret and no redirect URIs it acts for itself. `rights` are rights at
    the issuer's own administration (`participants`, `staff`, `suspend`).
    """

    client_id: Name
    secret: Secret | None = field(default=None, repr=False)
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    agency: AgencyId | None = None
    roles: frozenset[Role] = frozenset()
    rights: frozenset[str] = frozenset()

    @property
    def acts_for_itself(self) -> bool:
        """Whether it may use client credentials."""
        return self.secret is not None and not self.redirect_uris

    def may_redirect_to(self, uri: str) -> bool:
        """Whether people may be sent back to this address with a code."""
        return any(_matches(registered, uri) for registered in self.redirect_uris)

    def may_redirect_after_logout(self, uri: str) -> bool:
        """Whether people may be sent to this address after logging out."""
        return any(_matches(registered, uri) for registered in self.post_logout_redirect_uris)


@dataclass(frozen=True, config=_STRICT)
class People:
    """The whole file."""

    password: Secret = field(repr=False)
    """Demo only: the password of everybody who has none of their own."""
    agencies: tuple[Agency, ...]
    people: tuple[Person, ...]
    clients: tuple[Client, ...]

    def agency(self, agency: str) -> Agency | None:
        return next((a for a in self.agencies if a.id == agency), None)

    def by_username(self, username: str) -> Person | None:
        return next((p for p in self.people if p.username == username), None)

    def by_id(self, staff: StaffId) -> Person | None:
        return next((p for p in self.people if p.id == staff), None)

    def of_agency(self, agency: str) -> tuple[Person, ...]:
        return tuple(p for p in self.people if p.agency == agency)

    def client(self, client_id: str) -> Client | None:
        return next((c for c in self.clients if c.client_id == client_id), None)

    def password_of(self, person: Person) -> str:
        return person.password or self.password


def load_people(path: Path) -> People:
    """Read and check the file. Raises `PeopleFileError` that names each wrong place; secrets are never repeated."""
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        people = TypeAdapter(People).validate_python(read)
    except OSError as error:
        raise PeopleFileError(f"{path.name} can't be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise PeopleFileError(f"{path.name} is no YAML: {getattr(error, 'problem', None) or 'syntax'}") from None
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg']}" for e in error.errors(include_input=False)]
        raise PeopleFileError(f"{path.name}: " + "; ".join(wrong)) from None
    if wrong := list(_contradictions(people)):
        raise PeopleFileError(f"{path.name}: " + "; ".join(wrong))
    return people


def _contradictions(people: People) -> Iterator[str]:
    yield from _twice("agencies.id", (a.id for a in people.agencies))
    yield from _twice("people.id", (str(p.id) for p in people.people))
    yield from _twice("people.username", (p.username for p in people.people))
    yield from _twice("people.email", (p.email for p in people.people))
    yield from _twice("clients.client_id", (c.client_id for c in people.clients))
    for person in people.people:
        if people.agency(person.agency) is None:
            yield f"people.{person.username}.agency: {person.agency!r} is not among the agencies"
        if not person.roles or Role.PARTICIPANT in person.roles:
            yield f"people.{person.username}.roles: staff need a role, and `participant` is none of theirs"
    for client in people.clients:
        yield from _contradictions_of(client, people)


def _contradictions_of(client: Client, people: People) -> Iterator[str]:
    where = f"clients.{client.client_id}"
    if client.agency is not None and people.agency(client.agency) is None:
        yield f"{where}.agency: {client.agency!r} is not among the agencies"
    if unknown := client.rights - _RIGHTS:
        yield f"{where}.rights: {', '.join(sorted(unknown))} is no right; known: {', '.join(sorted(_RIGHTS))}"
    if client.secret is None and not client.redirect_uris:
        yield f"{where}: needs a secret, redirect_uris or both"
    if (client.roles or client.rights) and not client.acts_for_itself:
        yield f"{where}: roles and rights are for clients that act for themselves (secret, no redirect_uris)"
    for uri in (*client.redirect_uris, *client.post_logout_redirect_uris):
        parts = urlsplit(uri.replace(":*", ":1"))
        if parts.scheme != "http" or parts.hostname not in LOOPBACK or parts.query or parts.fragment:
            yield f"{where}: {uri!r} is no plain loopback address (http://127.0.0.1:PORT/path; PORT may be *)"


def _twice(where: str, values: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            yield f"{where}: {value!r} is there twice"
        seen.add(value)


def _matches(registered: str, uri: str) -> bool:
    # Compared as text, never as a parsed address: two parsers that disagree are how open redirects are made.
    host, star, path = registered.partition(":*/")
    if not star:
        return uri == registered
    return re.fullmatch(re.escape(host) + ":[0-9]{1,5}/" + re.escape(path), uri) is not None
