"""Where events may be sent to: machines of the open internet, never into somebody's own network. Pure rules."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from contracts.refusal import Invalid


def checked_url(url: str, *, loopback: bool) -> str:
    """Raises `Invalid` unless it is https to a public host; with `loopback` this machine, by http, too.

    Only what can be told from the text: which address a name leads to is looked at whenever we connect.
    """
    try:
        if not url.isascii() or not url.isprintable() or " " in url:
            raise ValueError("a host with other letters is written in its ASCII form")
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if host is None or port == 0 or parts.username is not None or parts.fragment:
        raise _wrong("This is no address that we can send to.")
    at_home = loopback and _loopback(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and at_home):
        raise _wrong("Events are sent over https only.")
    literal = _literal(host)
    if not at_home and (host == "localhost" or (literal is not None and not public(literal))):
        raise _wrong("This address is not a public one.")
    return url


def _wrong(detail: str) -> Invalid:
    way_out = "Give a public address such as https://case-system.example/lotse, without user name and fragment."
    return Invalid(detail, way_out=way_out, field="url")


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _loopback(host: str) -> bool:
    literal = _literal(host)
    return host == "localhost" or (literal is not None and literal.is_loopback)


def public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is a machine of the open internet. Addresses inside of addresses count as what they lead to."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or _translated(address)
        if inner is not None:
            return public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _translated(address: IPv6Address) -> IPv4Address | None:
    """NAT64 (RFC 6052): the last 32 bits of `64:ff9b::/96`."""
    return IPv4Address(int(address) & 0xFFFFFFFF) if int(address) >> 32 == 0x0064FF9B << 64 else None


def permitted(address: str, *, loopback: bool) -> bool:
    """Whether we may connect to this numeric address."""
    literal = _literal(address.partition("%")[0])
    return literal is not None and (public(literal) or (loopback and literal.is_loopback))
