"""Every route of the console, walked by everybody: strangers, neighbours, each role, foreign ids (F7)."""

import pytest
from flask import Flask

from surveyapp.models.people import Role
from surveyapp.services import access
from tests.web.console_world import sign_in
from tests.web.routes import SOURCES, give_to, make_programme, routes
from tests.web.world import dump


@pytest.fixture
def kestrin(app: Flask) -> dict[str, object]:
    return make_programme(app, "kestrin")


@pytest.fixture
def other(app: Flask) -> dict[str, object]:
    return make_programme(app, "other")


def test_for_strangers_and_neighbours_no_route_exists(
    app: Flask, kestrin: dict[str, object], other: dict[str, object]
) -> None:
    stranger, neighbour = app.test_client(), sign_in(app, "other", email="owner@other.example")
    before = dump(app)
    found = {
        (route.method, path, who): status
        for route in routes(app)
        for who, client in (("stranger", stranger), ("neighbour", neighbour))
        if (status := route.call(client, path := route.path(app, "kestrin", kestrin))) != 404
    }
    assert found == {}
    assert dump(app) == before


def test_another_programmes_ids_are_not_found_under_ones_own(
    app: Flask, kestrin: dict[str, object], other: dict[str, object]
) -> None:
    owner = sign_in(app, "kestrin", email="owner@kestrin.example")
    before = dump(app)
    found = {}
    for route in routes(app):
        for name in route.rule.arguments & SOURCES.keys():
            path = route.path(app, "kestrin", {**kestrin, name: other[name]})
            if path == route.path(app, "kestrin", kestrin):
                continue  # an argument with a default, which this address leaves out
            if (status := route.call(owner, path)) != 404:
                found[route.method, path] = status
    assert found == {}
    assert dump(app) == before


@pytest.mark.parametrize("role", Role)
def test_each_role_opens_what_the_table_says_and_is_refused_the_rest(
    app: Flask, kestrin: dict[str, object], role: Role
) -> None:
    member = sign_in(app, "kestrin", role=role, email="member@kestrin.example")
    give_to(app, "member@kestrin.example")
    before = dump(app)
    wrong = {}
    for route in routes(app):
        path = route.path(app, "kestrin", kestrin)
        assert route.action is not None, route
        is_allowed = route.action in access.MAY[role]
        if is_allowed and route.method == "POST":
            continue  # what a permitted change does is tested where it is made
        status = route.call(member, path)
        is_right = status in {200, 302, 303, 409} if is_allowed else status == 403
        if not is_right:
            wrong[route.method, path] = status
    assert wrong == {}
    assert dump(app) == before


def test_a_manager_without_relationships_finds_none(app: Flask, kestrin: dict[str, object]) -> None:
    manager = sign_in(app, "kestrin", role=Role.RELATIONSHIP_MANAGER)
    named = {"relationship_id", "contact_id", "document_id", "organisation_id", "part_id"}
    found = {}
    for route in routes(app):
        if route.action not in access.MAY[Role.RELATIONSHIP_MANAGER]:
            continue
        if route.rule.arguments & named:
            path = route.path(app, "kestrin", kestrin)
            if (status := route.call(manager, path)) != 404:
                found[route.method, path] = status
    assert found == {}
