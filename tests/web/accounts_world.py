"""A small programme with two relationships, for tests of the pages about accounts."""

import re
import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Contact, Function, Influence, Relationship, Side
from surveyapp.models.audit import AuditEvent
from surveyapp.models.people import Role, User
from surveyapp.models.programmes import Programme
from tests import factories
from tests.conftest import Checked, check_page
from tests.web.console_world import sign_in


@dataclass(frozen=True, slots=True)
class World:
    """What is there, by name."""

    programme: str
    aldermere: uuid.UUID
    """Aldermere Foods buys from Kestrin Logistics; Tomas Vey decides, Dana Roth sells."""
    larkmead: uuid.UUID
    """Larkmead Health buys from Kestrin Logistics; nobody stands there but Priya Ng."""
    tomas: uuid.UUID
    dana: uuid.UUID
    priya: uuid.UUID
    tomas_part: uuid.UUID

    @property
    def home(self) -> str:
        return f"/p/{self.programme}"

    @property
    def relationship(self) -> str:
        return f"{self.home}/relationships/{self.aldermere}"

    @property
    def person(self) -> str:
        return f"{self.home}/people/{self.tomas}"

    @property
    def part(self) -> str:
        return f"{self.relationship}/stakeholders/{self.tomas_part}"


def build(app: Flask, slug: str = "kestrin") -> World:
    at = utcnow()
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session, slug, at=at)
        programme.expected_functions = {
            "buyer": [Function.PROCUREMENT.value, Function.FINANCE.value],
            "supplier": [Function.SALES.value],
        }
        supplier = factories.make_organisation(session, programme, "Kestrin Logistics", at=at)
        buyers = [
            factories.make_organisation(session, programme, name, at=at)
            for name in ("Aldermere Foods", "Larkmead Health")
        ]
        relations = [factories.make_relationship(session, each, supplier, at=at) for each in buyers]
        relations[0].annual_value, relations[0].currency = Decimal(4_200_000), "EUR"
        relations[0].renewal_on = date(2027, 6, 30)
        relations[0].segment, relations[0].region = "Key accounts", "North"
        tomas = factories.make_contact(session, buyers[0], "Tomas Vey", at=at)
        dana = factories.make_contact(session, supplier, "Dana Roth", at=at)
        priya = factories.make_contact(session, buyers[1], "Priya Ng", at=at)
        part = factories.make_part(session, tomas, relations[0], at=at)
        sells = factories.make_part(session, dana, relations[0], side=Side.SUPPLIER, at=at)
        sells.function, sells.influence = Function.SALES, Influence.INFLUENCES
        uses = factories.make_part(session, priya, relations[1], at=at)
        uses.function, uses.influence = Function.USER, Influence.USES
    return World(slug, relations[0].id, relations[1].id, tomas.id, dana.id, priya.id, part.id)


def manage(app: Flask, world: World, relationship_id: uuid.UUID) -> FlaskClient:
    """Sign in a relationship manager who looks after one relationship."""
    client = sign_in(app, world.programme, role=Role.RELATIONSHIP_MANAGER, name="Ivo Brandt")
    with app.app_context(), transaction() as session:
        email = f"relationship.manager@{world.programme}.example"
        user = session.scalars(select(User).where(User.email == email)).one()
        session.get_one(Relationship, relationship_id).manager_id = user.id
    return client


def submit(
    client: FlaskClient, path: str, *, action: str = "", status: int = 303, **changes: object
) -> TestResponse:
    """Open a page's form and send it as a browser would, with some fields changed."""
    found = check_page(client.get(path))
    return send(client, action or path, found, status=status, **changes)


def send(
    client: FlaskClient, path: str, found: Checked, *, status: int = 303, **changes: object
) -> TestResponse:
    """Send the form of a page that was opened before."""
    response = client.post(path, data={**found.as_posted(), **chosen(found), **changes})
    assert response.status_code == status, response.get_data(as_text=True)[:3000]
    return response


def chosen(found: Checked) -> dict[str, str]:
    """What the page's select fields hold."""
    values = {}
    for select_field in re.findall(r"<select[^>]*>.*?</select>", found.html, re.DOTALL):
        name = re.search(r'name="([^"]*)"', select_field)
        options = re.findall(r"<option([^>]*)>", select_field)
        picked = next((each for each in options if "selected" in each), options[0])
        value = re.search(r'value="([^"]*)"', picked)
        assert name
        assert value
        values[name[1]] = value[1]
    return values


def events(app: Flask) -> list[tuple[str, dict[str, object]]]:
    """The audit trail's actions and details, oldest first."""
    with app.app_context():
        found = db.session.scalars(select(AuditEvent).order_by(AuditEvent.number))
        return [(event.action, event.details) for event in found]


def contact(app: Flask, contact_id: uuid.UUID) -> Contact:
    with app.app_context():
        return db.session.get_one(Contact, contact_id)


def programme(app: Flask, slug: str) -> Programme:
    with app.app_context():
        return db.session.scalars(select(Programme).where(Programme.slug == slug)).one()
