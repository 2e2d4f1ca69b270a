"""Turns a template and its values into a page: one environment per language, everything escaped.

Templates lie beside the views that use them; `look/` holds what all of them share.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.desk.words import labels
from services.desk.words.languages import SPOKEN, Language

DESK: Final = Path(__file__).parent.parent
FILES: Final[Mapping[str, str]] = {
    "desk.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""What browsers load beside the page: ours, from here, and nothing else."""
EXTENSIONS: Final = ("jinja2.ext.i18n", "jinja2.ext.do")


class Pages:
    """Renders in every language."""

    def __init__(self, languages: Mapping[str, Language]) -> None:
        self.languages = languages
        self.files = {name: (DESK / "look" / name).read_bytes() for name in FILES}
        self._environments = {code: self._environment(language) for code, language in languages.items()}

    def render(self, language: str, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page."""
        text = self._environments[language].get_template(template).render(**values)
        return HTMLResponse(text, status, {"Content-Language": language})

    def address(self, name: str) -> str:
        """Where a file is; it changes with the content, so that browsers may keep it for good."""
        return f"/look/{sha256(self.files[name]).hexdigest()[:12]}/{name}"

    def _environment(self, language: Language) -> Environment:
        made = Environment(
            loader=FileSystemLoader(DESK),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=EXTENSIONS,
        )
        catalogue = language.catalogue
        made.install_gettext_callables(catalogue.gettext, catalogue.ngettext, newstyle=True)  # type: ignore[attr-defined]
        made.policies["ext.i18n.trimmed"] = True
        made.globals |= {"language": language, "spoken": SPOKEN, "file": self.address}
        made.filters |= {
            "moment": language.moment,
            "day": language.day,
            "language_name": language.language,
            "country_name": language.country,
            "label": lambda code: language.say(labels.of(code)),
            "agency": lambda code: language.isolated(labels.agency(code)),
            "recipient": lambda code: language.say(labels.of(code)) if code in labels.LABELS else labels.agency(code),
            "milliseconds": lambda took: f"{took / 1000:.2f} s" if took >= 1000 else f"{took:.1f} ms",
            "corner": lambda code: (
                language.say(labels.LABELS.get(f"by-{code}", "")) or language.isolated(labels.agency(code))
            ),
            "skill": lambda text: "ESCO " + text.rpartition("/")[2][:8] if text.startswith("http") else text,
            "programme": lambda code: language.isolated(labels.programme(code)),
            "concept": lambda uri: language.language(uri) if len(uri) < 8 else "ESCO " + uri.rpartition("/")[2][:8],
            "purpose": lambda text: language.say(labels.LABELS.get(text, text)),
            "deed": lambda action: language.say(labels.deed(action)),
            "known_label": lambda code: language.say(labels.LABELS.get(code, "")),
        }
        return made
