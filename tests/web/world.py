"""A small wave to walk through: one questionnaire with every kind of item, open to some contacts."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from surveyapp.clock import utcnow
from surveyapp.extensions import db, reading, state, transaction
from surveyapp.models.base import Base
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.responses import DraftAnswer, HeldPage, Response
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.services import links, wave_launches, waves
from tests import factories

NEVER = lambda *_: None  # noqa: E731 nobody watches the progress here

EVERY_KIND: dict[str, Any] = {
    "id": "every-kind",
    "version": 1,
    "purpose": "perception",
    "title": "How is working with {them} going?",
    "introduction": "A few questions about {them}.",
    "language": "en",
    "authors": ["surveyapp"],
    "licence": "CC0-1.0",
    "minutes": 4,
    "anonymity": "confidential",
    "views": ["buyer-on-supplier"],
    "scales": [
        {
            "id": "agree7",
            "points": [1, 2, 3, 4, 5, 6, 7],
            "labels": {"1": "Strongly disagree", "4": "Neither", "7": "Strongly agree"},
            "escape": {"code": "nb", "label": "No basis to judge"},
        },
        {"id": "plain5", "points": [1, 2, 3, 4, 5], "labels": {"1": "Very low", "5": "Very high"}},
    ],
    "sections": [
        {
            "id": "promises",
            "title": "Doing what {them} promised",
            "introduction": "Think of the last six months with {them}.",
            "items": [
                {
                    "id": "delivers",
                    "kind": "rating",
                    "scale": "agree7",
                    "text": "{them} deliver what was promised.",
                    "required": True,
                },
                {
                    "id": "fixes_cause",
                    "kind": "rating",
                    "scale": "agree7",
                    "text": "{them} fix the cause and not only the case.",
                },
                {
                    "id": "what_happened",
                    "kind": "text",
                    "text": "What happened?",
                    "hint": "Asked because promises were not kept.",
                    "visible_if": "delivers <= 3",
                },
            ],
        },
        {
            "id": "every_other",
            "title": "Every other kind",
            "items": [
                {
                    "id": "services",
                    "kind": "grid",
                    "scale": "plain5",
                    "text": "How do you like these?",
                    "rows": [
                        {"id": "data", "text": "Equipment"},
                        {"id": "errors", "text": "Sales support"},
                    ],
                },
                {
                    "id": "recommend",
                    "kind": "recommendation",
                    "text": "Would you recommend {them}?",
                    "low": "Not at all likely",
                    "high": "Extremely likely",
                },
                {
                    "id": "alternatives",
                    "kind": "single_choice",
                    "text": "Are you looking at alternatives?",
                    "options": [{"code": "yes", "label": "Yes"}, {"code": "no", "label": "No"}],
                    "escape": {"code": "not_my_role", "label": "That is not my role"},
                },
                {
                    "id": "used",
                    "kind": "multiple_choice",
                    "text": "Which do you use?",
                    "options": [
                        {"code": "portal", "label": "Portal"},
                        {"code": "hotline", "label": "Hotline"},
                        {"code": "visits", "label": "Visits"},
                    ],
                },
                {
                    "id": "orders",
                    "kind": "number",
                    "text": "How many orders a month?",
                    "unit": "orders",
                    "min": 0,
                },
                {"id": "last_visit", "kind": "date", "text": "When was the last visit?"},
                {"id": "role", "kind": "short_text", "text": "Your role"},
            ],
        },
        {
            "id": "own_words",
            "title": "In your own words",
            "items": [
                {"id": "change_first", "kind": "text", "text": "What should change first?"},
            ],
        },
    ],
}


@dataclass(frozen=True, slots=True)
class Invited:
    """A contact's way in, and what leads where afterwards."""

    token: str
    slugs: tuple[str, ...]

    @property
    def link(self) -> str:
        return f"/r/{self.token}"

    @property
    def slug(self) -> str:
        return self.slugs[0]

    def at(self, page: str) -> str:
        return f"/r/{self.slug}/{page}"


def questionnaire(changes: Mapping[str, Any] | None = None) -> Questionnaire:
    return Questionnaire.model_validate_json(json.dumps({**EVERY_KIND, **(changes or {})}))


def open_wave(
    app: Flask,
    *names: str,
    definition: Questionnaire | None = None,
    suppliers: int = 1,
    launch: bool = True,
    closes_in: timedelta = timedelta(days=20),
    slug: str = "kestrin",
    locale: str = "en",
) -> list[Invited]:
    """Invite the named contacts about each supplier, through the services the product uses."""
    at = utcnow()
    with app.app_context():
        with transaction() as session:
            programme = factories.make_programme(session, slug, at=at)
            buyer = factories.make_organisation(session, programme, "Aldermere Foods", at=at)
            names_of_suppliers = [
                "Kestrin" if suppliers == 1 else f"Kestrin {number}"
                for number in range(1, suppliers + 1)
            ]
            relationships = [
                factories.make_relationship(
                    session, buyer, factories.make_organisation(session, programme, each, at=at)
                )
                for each in names_of_suppliers
            ]
            contacts = [
                factories.make_contact(session, buyer, name, locale=locale, at=at) for name in names
            ]
            for contact in contacts:
                for each in relationships:
                    factories.make_part(session, contact, each, at=at)
            wave = factories.make_wave(
                session, programme, definition or questionnaire(), at=at, closes_in=closes_in
            )
            if launch:
                waves.launch(session, wave, by="test", at=at)
        if launch:
            wave_launches.invite_all(
                reading,
                transaction,
                wave.id,
                link_key=state().settings.link_key,
                now=utcnow,
                progress=NEVER,
            )
        return [invitation_of(wave.id, contact.id) for contact in contacts] if launch else []


def invitation_of(wave_id: uuid.UUID, contact_id: uuid.UUID) -> Invited:
    invitation = db.session.scalars(
        select(Invitation).where(Invitation.wave_id == wave_id, Invitation.contact_id == contact_id)
    ).one()
    slugs = db.session.scalars(
        select(Assignment.slug).where(Assignment.invitation_id == invitation.id)
    ).all()
    key = state().settings.link_key
    token = links.token_for(invitation.id, invitation.generation, link_key=key)
    return Invited(token, tuple(slugs))


def change_wave(app: Flask, change: Callable[[Wave], None]) -> None:
    """Change the one wave there is."""
    with app.app_context(), transaction() as session:
        change(session.scalars(select(Wave)).one())


def dump(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Everything the database holds, to see that nothing changed."""
    with app.app_context():
        return {
            table.name: sorted(map(tuple, db.session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def draft(app: Flask, slug: str) -> dict[str, Any]:
    """What stands in an assignment's draft."""
    with app.app_context():
        rows = db.session.execute(
            select(DraftAnswer.item_id, DraftAnswer.value)
            .join(Assignment, Assignment.id == DraftAnswer.assignment_id)
            .where(Assignment.slug == slug)
        )
        return {item_id: value for item_id, value in rows}  # noqa: C416 rows are not pairs to dict()


def sent(app: Flask, slug: str) -> list[dict[str, Any]]:
    """The answers of every response an assignment has, oldest first."""
    with app.app_context():
        documents = db.session.scalars(
            select(Response.answers_json)
            .join(Assignment, Assignment.id == Response.assignment_id)
            .where(Assignment.slug == slug)
            .order_by(Response.revision)
        )
        return [json.loads(document) for document in documents]


def held(app: Flask) -> int:
    """How many pages are kept."""
    with app.app_context():
        return len(db.session.scalars(select(HeldPage.id)).all())


def long_ago() -> datetime:
    return datetime(2020, 1, 1, tzinfo=UTC)
