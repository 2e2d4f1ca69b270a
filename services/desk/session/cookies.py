"""What a browser holds: one secret, no content. Names and attributes depend on whether browsers come over TLS.

Over TLS the prefix `__Host-` binds a cookie to this very host. A browser refuses that prefix without TLS, so a demo on
this machine uses plain names.
"""

from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response

LOG_IN_LASTS: Final = 600
"""Seconds between "log in" and the way back."""


@dataclass(frozen=True, slots=True)
class Cookies:
    """The two cookies of the desk."""

    tls: bool

    @property
    def session(self) -> str:
        """Holds the secret of a session."""
        return self._name("lotse-session")

    @property
    def log_in(self) -> str:
        """Sealed: what the way back from the issuer must fit to."""
        return self._name("lotse-log-in")

    def read(self, request: Request, name: str) -> str | None:
        return request.cookies.get(name)

    def give(self, response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
        """Lax, not Strict: a link in a mail should find its reader logged in. Forms are guarded on their own."""
        response.set_cookie(name, value, max_age=seconds, path="/", secure=self.tls, httponly=True, samesite="lax")

    def take_back(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self.tls, httponly=True, samesite="lax")

    def _name(self, plain: str) -> str:
        return f"__Host-{plain}" if self.tls else plain
