"""The issuer's few HTML pages: plain, accessible, without JavaScript. Everything that isn't ours is escaped."""

from base64 import b64encode
from hashlib import sha256
from html import escape
from itertools import groupby
from typing import Final

from fastapi.responses import HTMLResponse

from infra.chassis.identity.embedded.people import People, Person

_STYLE: Final = """
body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 0 auto; padding: 1rem; color: #1a1a1a;
  background: #fff }
fieldset { border: 1px solid #767676; margin: 0 0 1rem; padding: .5rem 1rem }
legend { font-weight: 600 }
label { display: block; padding: .25rem 0 }
input[type=text], input[type=password] { display: block; font: inherit; width: 100%; box-sizing: border-box;
  padding: .5rem; border: 1px solid #595959 }
button { font: inherit; padding: .5rem 1.5rem; color: #fff; background: #0b4f6c; border: 2px solid #0b4f6c }
:focus-visible { outline: 3px solid #b35900; outline-offset: 2px }
.error { border-left: .5rem solid #a4161a; padding: .5rem 1rem }
.demo { border-left: .5rem solid #0b4f6c; padding: .5rem 1rem }
"""
_HEADERS: Final = {
    "Cache-Control": "no-store",
    # No form-action: browsers apply it to the redirect after the form too, which leads to the client's address.
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src 'sha256-"
    + b64encode(sha256(_STYLE.encode()).digest()).decode()
    + "'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def log_in_page(people: People, request_token: str, *, error: str | None = None, status: int = 200) -> HTMLResponse:
    """Two forms: staff choose themselves and give the password, participants type their two codes."""
    hidden = f'<input type="hidden" name="request" value="{escape(request_token)}">'
    alert = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    body = f"""
<h1>Log in to Lotse</h1>
<p class="demo">This is a demonstration. All people here are invented; do not enter real data.</p>
{alert}
<h2>Participants</h2>
<form method="post" action="authorize">
{hidden}
<label for="reference">Reference code
<input type="text" id="reference" name="username" autocomplete="username" autocapitalize="characters" required></label>
<label for="code">Log-in code
<input type="password" id="code" name="secret" autocomplete="current-password" required></label>
<p><button type="submit">Log in with my codes</button></p>
</form>
<h2>Staff</h2>
<form method="post" action="authorize">
{hidden}
{_choices(people)}
<label for="password">Password
<input type="password" id="password" name="secret" autocomplete="current-password" required></label>
<p><button type="submit">Log in</button></p>
</form>
"""
    return _page(("Error: " if error else "") + "Log in to Lotse", body, status)


def message_page(title: str, message: str, *, status: int = 200) -> HTMLResponse:
    """One sentence."""
    return _page(title, f"<h1>{escape(title)}</h1>\n<p>{escape(message)}</p>\n", status)


def _choices(people: People) -> str:
    ordered = sorted(people.people, key=lambda person: (person.agency, person.name))
    return "\n".join(
        f"<fieldset>\n<legend>{escape(_agency_name(people, agency))}</legend>\n"
        + "\n".join(_choice(person) for person in staff)
        + "\n</fieldset>"
        for agency, staff in groupby(ordered, key=lambda person: person.agency)
    )


def _choice(person: Person) -> str:
    roles = ", ".join(sorted(role.replace("_", " ") for role in person.roles))
    radio = f'<input type="radio" name="username" value="{escape(person.username)}" required>'
    return f"<label>{radio} {escape(person.name)} ({escape(roles)})</label>"


def _agency_name(people: People, agency: str) -> str:
    found = people.agency(agency)
    return found.name if found else agency


def _page(title: str, body: str, status: int) -> HTMLResponse:
    html = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>{body}</main>\n</body>\n</html>\n"
    )
    return HTMLResponse(html, status_code=status, headers=_HEADERS)
