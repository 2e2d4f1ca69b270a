"""What a server shows to those who connect to it, in PEM."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's certificate, whoever signed it, and its key."""

    authority: str
    chain: str
    key: str = field(repr=False)
    """PKCS 8, not encrypted."""
