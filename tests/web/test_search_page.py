import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import check_page
from tests.web.accounts_world import World, build, manage
from tests.web.console_world import sign_in


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)


@pytest.fixture
def owner(app: Flask, world: World) -> FlaskClient:
    return sign_in(app, world.programme)


def test_a_single_hit_is_opened_at_once(world: World, owner: FlaskClient) -> None:
    response = owner.get(f"{world.home}/search?q=vey")
    assert (response.status_code, response.location) == (303, world.person)
    response = owner.get(f"{world.home}/search?q=foods+kestrin")
    assert (response.status_code, response.location) == (303, world.relationship)


def test_several_hits_are_listed_and_led_to(world: World, owner: FlaskClient) -> None:
    found = check_page(owner.get(f"{world.home}/search?q=kestrin"))
    assert found.link("Aldermere Foods buys from") == world.relationship
    assert "Larkmead Health buys from Kestrin Logistics" in found.text
    empty = check_page(owner.get(f"{world.home}/search"))
    assert "press Enter" in empty.text


def test_what_was_typed_is_shown_as_text(world: World, owner: FlaskClient) -> None:
    found = check_page(owner.get(f"{world.home}/search?q=<b>x</b>%25"))
    assert found.h1 == "Find “<b>x</b>%”"
    assert "Nothing found." in found.text


def test_a_relationship_manager_is_led_to_their_own_only(app: Flask, world: World) -> None:
    manager = manage(app, world, world.larkmead)
    response = manager.get(f"{world.home}/search?q=kestrin")
    assert response.location == f"{world.home}/relationships/{world.larkmead}"
