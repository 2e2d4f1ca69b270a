"""Every setting is described, for whoever runs a region."""

import pytest
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from infra import settings_document
from infra.chassis.service import Service
from infra.chassis.settings import ServiceSettings
from infra.onebox.services import all_services
from services.desk.settings import DeskSettings
from tests.support.source import ROOT


@pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)
def test_every_setting_says_what_it_is_for(service: Service) -> None:
    assert settings_document.undescribed(service.settings) == []


def test_every_setting_of_the_desk_says_what_it_is_for() -> None:
    assert settings_document.undescribed(DeskSettings) == []


@pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)
def test_every_service_has_a_prefix_of_its_own(service: Service) -> None:
    assert service.settings.model_config.get("env_prefix") == f"{service.name.upper()}_"


def test_the_page_of_settings_is_current() -> None:
    page = (ROOT / "docs/settings.md").read_text()

    assert page == settings_document.describe(all_services()), "run `lotse contracts` and commit the result"


class Silent(ServiceSettings):
    """Adds a setting that nobody can understand, and a secret."""

    model_config = SettingsConfigDict(env_prefix="SILENT_")

    depth: int = 3
    key: SecretStr = Field(SecretStr("not to be shown"), description="Opens the door.")


def test_a_setting_without_a_word_is_found() -> None:
    assert settings_document.undescribed(Silent) == ["depth"]


def test_the_page_names_what_a_service_adds_and_shows_no_secret() -> None:
    page = settings_document.describe([Service("silent", Silent, (), ROOT)])

    assert "| `SILENT_DEPTH` | `3` |" in page
    assert "| `SILENT_KEY` | unset | Opens the door. |" in page
    assert "not to be shown" not in page
