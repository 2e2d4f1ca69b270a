"""The page of a service's routes: complete, and whole without a network."""

import re

import pytest

from infra.chassis.api import assemble, describe
from infra.chassis.described import routes_of
from infra.chassis.listing import page
from infra.chassis.service import Service
from infra.onebox.services import all_services


@pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)
def test_every_route_is_listed_with_its_right_and_nothing_is_loaded_from_elsewhere(service: Service) -> None:
    openapi = describe(service)
    shown = page(openapi)
    for path, methods in openapi["paths"].items():
        assert f"<td>{path}</td>" in shown
        assert all(f"<td>{operation['x-lotse-action']}</td>" in shown for operation in methods.values())
    assert not re.search(r"<script|<link|<img|@import|url\(|src=|https?://", shown)


def test_no_other_page_is_served() -> None:
    for service in all_services():
        paths = {path for path, _ in routes_of(assemble(service).routes)}
        assert "/docs" in paths
        assert not paths & {"/redoc", "/docs/oauth2-redirect"}


def test_what_a_route_says_is_text() -> None:
    operation = {"summary": "a < b & c", "tags": ["<i>"], "x-lotse-action": "x:y"}
    shown = page({"info": {"title": "T"}, "paths": {"/v1/x": {"get": operation}}})
    assert "a &lt; b &amp; c" in shown
    assert "<i>" not in shown
