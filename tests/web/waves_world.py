"""A programme to run waves in: three customers of one supplier, nine people, two not to be asked."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from surveyapp.clock import utcnow
from surveyapp.extensions import transaction
from surveyapp.models.accounts import Function, Influence
from surveyapp.models.waves import Wave
from surveyapp.services import programmes, waves
from tests import factories
from tests.web import results_world
from tests.web.console_world import token_of

CUSTOMERS = ("Aldermere Foods", "Larkmead Health", "Stavely Marine")
NOT_ASKED = ("Otto Kern", "Bela Voss")
PEOPLE = (
    ("Tomas Vey", 0, Function.PROCUREMENT, Influence.DECIDES),
    ("Dana Roth", 0, Function.IT, Influence.INFLUENCES),
    ("Ines Marl", 0, Function.OPERATIONS, Influence.USES),
    ("Otto Kern", 0, Function.LEGAL, Influence.INFLUENCES),
    ("Jun Abe", 1, Function.PROCUREMENT, Influence.DECIDES),
    ("Lea Finch", 1, Function.FINANCE, Influence.INFLUENCES),
    ("Bela Voss", 1, Function.IT, Influence.USES),
    ("Mika Dorn", 2, Function.OPERATIONS, Influence.USES),
    ("=Sum Rao", 2, Function.IT, Influence.INFLUENCES),
)


def make_world(app: Flask, slug: str = "kestrin") -> None:
    """The programme and its people; Otto Kern opted out, Bela Voss's address bounced."""
    at = utcnow() - timedelta(days=60)
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session, slug, at=at)
        supplier = factories.make_organisation(session, programme, "Kestrin")
        relationships = []
        for number, name in enumerate(CUSTOMERS):
            buyer = factories.make_organisation(session, programme, name)
            made = factories.make_relationship(session, buyer, supplier, at=at)
            made.segment = "Enterprise" if number < 2 else "Public sector"
            made.region = ("North", "South", "")[number]
            made.annual_value, made.currency = Decimal(100_000 * (number + 1)), "EUR"
            relationships.append((buyer, made))
        for name, where, function, influence in PEOPLE:
            buyer, relationship = relationships[where]
            contact = factories.make_contact(session, buyer, name, at=at)
            contact.email = f"{name.replace(' ', '.').strip('=').lower()}@{slug}.example"
            if name == "Otto Kern":
                contact.opted_out_at = at
            if name == "Bela Voss":
                contact.bounced_at, contact.bounce = at, "550 no such user"
            part = factories.make_part(session, contact, relationship, at=at)
            part.function, part.influence = function, influence


def make_wave(
    app: Flask,
    *,
    slug: str = "autumn",
    name: str = "Autumn 2026",
    programme: str = "kestrin",
    anonymity: str = "identified",
    created_at: datetime | None = None,
) -> None:
    """A draft that asks everybody, open for 20 days."""
    with app.app_context(), transaction() as session:
        found = programmes.find(session, programme)
        changes = (
            {} if anonymity == "identified" else {"anonymity": anonymity, "id": f"{anonymity}"}
        )
        wave = factories.make_wave(
            session,
            found,
            factories.annual_survey(changes),
            slug=slug,
            at=created_at or utcnow(),
        )
        wave.name = name


def change(app: Flask, step: Callable[[Session, Wave], object], *, slug: str = "autumn") -> None:
    """Do something with a wave in a transaction."""
    with app.app_context(), transaction() as session:
        step(session, waves.find(session, programmes.find(session, "kestrin"), slug))


def launch(app: Flask, *, slug: str = "autumn") -> None:
    """Launch a wave as its owner does; the worker has not been at it."""
    change(app, lambda s, w: waves.launch(s, w, by="user:test", at=utcnow()), slug=slug)


def find(app: Flask, slug: str = "autumn") -> Wave:
    """The wave as it is stored now."""
    with app.app_context(), transaction() as session:
        return waves.find(session, programmes.find(session, "kestrin"), slug)


def work(app: Flask) -> None:
    """Let a worker do every job that is due."""
    with app.app_context():
        results_world.work()


def post(client: FlaskClient, path: str, *, page: str = "", **fields: object) -> TestResponse:
    """Post as a page's form does, its token with it."""
    token = token_of(client, page or "/account")
    return client.post(path, data={"csrf_token": token, **fields})
