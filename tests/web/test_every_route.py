"""Every route of the console, walked by everybody: strangers, neighbours, each role, foreign ids (F7)."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, true, update
from sqlalchemy.orm import InstrumentedAttribute
from werkzeug.routing import AnyConverter, Rule

from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Contact, Organisation, Relationship, Stakeholder
from surveyapp.models.imports import ImportBatch
from surveyapp.models.jobs import Job
from surveyapp.models.mail import OutgoingMail
from surveyapp.models.people import Membership, Role
from surveyapp.models.reminders import Reminder
from surveyapp.models.scorecards import Scorecard
from surveyapp.models.waves import Wave
from surveyapp.reports import packs
from surveyapp.services import access, programmes, results, scorecards, users, waves
from tests.web.console_world import sign_in, token_of
from tests.web.results_world import COLD, WARM, survey, work
from tests.web.world import dump

SOURCES: dict[str, InstrumentedAttribute[uuid.UUID] | InstrumentedAttribute[str]] = {
    "batch_id": ImportBatch.id,
    "contact_id": Contact.id,
    "document_id": Scorecard.id,
    "job_id": Job.id,
    "mail_id": OutgoingMail.id,
    "organisation_id": Organisation.id,
    "part_id": Stakeholder.id,
    "relationship_id": Relationship.id,
    "reminder_id": Reminder.id,
    "user_id": Membership.user_id,
    "wave": Wave.slug,
}
"""Where the value of each argument of an address comes from; a new argument needs a line here."""
WORDS = {"template": "invitation", "locale": "en", "sheet": "contacts", "step": "invitation"}
"""Arguments that name a thing every programme has."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one rule."""

    rule: Rule
    method: str
    action: access.Action | None

    def path(self, app: Flask, programme: str, ids: dict[str, object]) -> str:
        given = {
            # one of few words is any of them
            name: min(converter.items) if isinstance(converter, AnyConverter) else ids[name]
            for name, converter in self.rule._converters.items()
            if name != "programme"
        }
        with app.test_request_context():
            built = self.rule.build({"programme": programme, **given}, append_unknown=False)
        assert built is not None, self.rule
        return built[1]

    def call(self, client: FlaskClient, path: str) -> int:
        if self.method == "GET":
            with client.get(path) as response:
                return response.status_code
        is_in = client.get("/account").status_code == 200
        token = token_of(client, "/account" if is_in else "/sign-in")
        return client.post(path, data={"csrf_token": token}).status_code


def routes(app: Flask) -> Iterator[Route]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "programme" not in rule.arguments:
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            action = app.view_functions[rule.endpoint].__dict__.get("required_action")
            yield Route(rule, method, action)


def make_programme(app: Flask, slug: str) -> dict[str, object]:
    """A programme with one of everything an address can name."""
    made = survey(app, [COLD, WARM], slug=slug, wave=f"{slug}-wave")
    sign_in(app, slug, email=f"owner@{slug}.example")
    at = utcnow()
    with app.app_context():
        with transaction() as session:
            programme = programmes.find(session, slug)
            wave = waves.find(session, programme, made.wave)
            run = results.latest_run(session, wave)
            [relationship, *_] = results.relationships_of(session, run, among=true())
            scorecards.request(
                session,
                run,
                relationship,
                pack=packs.find("scorecard"),
                locale="en",
                by="test",
                at=at,
            )
            session.add(ImportBatch(programme_id=programme.id, by="test", created_at=at))
            reminder = Reminder(wave_id=wave.id, number=1, due_at=at, by="test", created_at=at)
            reminder.programme_id = programme.id
            session.add(reminder)
        work()
        found = {name: first(column, programme.id) for name, column in SOURCES.items()}
        part = db.session.scalars(
            select(Stakeholder).where(Stakeholder.relationship_id == relationship.id)
        ).first()
    assert part is not None
    own = {
        "relationship_id": relationship.id,
        "part_id": part.id,
        "contact_id": part.contact_id,
    }
    return {**found, **WORDS, **own}


def first(column: InstrumentedAttribute[Any], programme_id: uuid.UUID) -> object:
    query = select(column).where(column.class_.programme_id == programme_id)
    return db.session.scalars(query.order_by(column).limit(1)).one()


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


def give_to(app: Flask, email: str) -> None:
    """Make somebody the manager of every relationship, so that ids are within their reach."""
    with app.app_context(), transaction() as session:
        session.execute(update(Relationship).values(manager_id=users.find(session, email).id))
