"""A self-view: the supplier's people answer about their own company as the buyer's people would."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.clock import utcnow
from surveyapp.extensions import db, reading, state, transaction
from surveyapp.models.accounts import Side
from surveyapp.models.invitations import Invitation
from surveyapp.models.waves import View
from surveyapp.questionnaires import catalogue
from surveyapp.services import definitions, mail_texts, wave_launches, waves
from surveyapp.services.wave_jobs import INVITATION
from tests import factories
from tests.conftest import Page
from tests.web.walker import Walker
from tests.web.world import NEVER, Invited, invitation_of


def self_view(app: Flask, *buyers: str) -> Invited:
    """Ask one person at Kestrin how each buyer sees Kestrin."""
    with app.app_context():
        with transaction() as session:
            at = utcnow()
            programme = factories.make_programme(session, at=at)
            supplier = factories.make_organisation(session, programme, "Kestrin", at=at)
            maren = factories.make_contact(session, supplier, "Maren Holt", at=at)
            for name in buyers:
                buyer = factories.make_organisation(session, programme, name, at=at)
                relationship = factories.make_relationship(session, buyer, supplier)
                factories.make_part(session, maren, relationship, side=Side.SUPPLIER, at=at)
            version = definitions.publish(
                session, programme, catalogue.find("self-view"), by="test", at=at
            )
            wave = waves.create(
                session,
                programme,
                slug="self",
                name="Self-view",
                view=View.SUPPLIER_ON_ITSELF,
                version=version,
                closes_at=at + timedelta(days=9),
                by="test",
                at=at,
            )
            waves.launch(session, wave, by="test", at=at)
        wave_launches.invite_all(
            reading,
            transaction,
            wave.id,
            link_key=state().settings.link_key,
            now=utcnow,
            progress=NEVER,
        )
        return invitation_of(wave.id, maren.id)


def test_the_pages_say_whose_eyes_to_look_through(
    app: Flask, page: Page, client: FlaskClient
) -> None:
    maren = self_view(app, "Aldermere Foods")
    start = page(maren.link)
    assert (
        "your own company, Kestrin, as you think the people at Aldermere Foods see it" in start.text
    )
    assert "that the people at Aldermere Foods are asked about Kestrin" in start.text
    Walker(client).start(maren)
    section = page(maren.at("being_straight"))
    assert "How far would the people at Aldermere Foods agree?" in section.text
    assert "Kestrin tell us bad news before we find it out ourselves." in section.text


def test_several_self_views_of_one_link_are_told_apart_by_the_buyer(app: Flask, page: Page) -> None:
    maren = self_view(app, "Aldermere Foods", "Brookfield")
    listed = page(maren.link).text
    assert "You are asked about 2 business relationships: Aldermere Foods Brookfield" in listed


def test_the_mail_names_the_other_company(app: Flask) -> None:
    self_view(app, "Aldermere Foods")
    with app.app_context():
        invitation = db.session.scalars(select(Invitation)).one()
        wave = waves.load(db.session(), invitation.wave_id)
        rendered = mail_texts.preview(
            db.session(), wave, template=INVITATION, locale="en", base_url="https://x.example"
        )
    assert rendered.subject == "How is working with Aldermere Foods going?"
