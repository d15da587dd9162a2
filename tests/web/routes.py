"""The routes of the console with addresses that lead somewhere, for whoever walks them all."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, true, update
from sqlalchemy.orm import InstrumentedAttribute
from werkzeug.routing import AnyConverter, Rule

from surveyapp.clock import utcnow
from surveyapp.extensions import db, state, transaction
from surveyapp.models.accounts import Contact, Organisation, Relationship, Stakeholder
from surveyapp.models.imports import ImportBatch
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.jobs import Job
from surveyapp.models.kpis import KpiBatch, KpiDefinition
from surveyapp.models.mail import OutgoingMail
from surveyapp.models.people import Membership
from surveyapp.models.referrals import Referral, ReferralKind
from surveyapp.models.reminders import Reminder
from surveyapp.models.results import ReferenceSet
from surveyapp.models.scorecards import Scorecard, ScorecardArchive
from surveyapp.models.scoring_rules import ScoringProposal
from surveyapp.models.uploads import UploadedFile
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.values import file_answer
from surveyapp.reports import packs
from surveyapp.services import (
    access,
    archives,
    programmes,
    reference_sets,
    responses,
    results,
    scorecards,
    submissions,
    uploads,
    users,
    waves,
)
from tests import factories
from tests.questionnaires.feature import feature
from tests.services import kpi_world
from tests.services.references import given
from tests.web.console_world import sign_in, token_of
from tests.web.results_world import COLD, WARM, survey, work

SOURCES: dict[str, InstrumentedAttribute[uuid.UUID] | InstrumentedAttribute[str]] = {
    "archive_id": ScorecardArchive.id,
    "batch_id": ImportBatch.id,
    "contact_id": Contact.id,
    "document_id": Scorecard.id,
    "file_id": UploadedFile.id,
    "job_id": Job.id,
    "kpi": KpiDefinition.slug,
    "kpi_batch_id": KpiBatch.id,
    "mail_id": OutgoingMail.id,
    "organisation_id": Organisation.id,
    "part_id": Stakeholder.id,
    "referral_id": Referral.id,
    "relationship_id": Relationship.id,
    "proposal_id": ScoringProposal.id,
    "reference_id": ReferenceSet.id,
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
            pack = packs.find("scorecard")
            scorecards.request(
                session,
                run,
                relationship,
                pack=pack,
                locale="en",
                by="test",
                at=at,
            )
            archives.request(session, run, pack=pack, locale="en", by="test", at=at)
            session.add(ImportBatch(programme_id=programme.id, by="test", created_at=at))
            kpi_world.define(session, programme, kpi_world.share(f"{slug}_rate"), at=at)
            session.add(
                KpiBatch(
                    programme_id=programme.id,
                    name="facts.csv",
                    sha256="0" * 64,
                    by="test",
                    recorded_at=at,
                )
            )
            content = json.dumps(given())
            reference_sets.import_set(
                session, programme, content, place="set.json", by="test", at=at
            )
            session.add(
                ScoringProposal(
                    programme_id=programme.id,
                    run_id=run.id,
                    questionnaire_id="annual-customer-survey",
                    weights={"attitude": 1.0},
                    cut_name="seed-words",
                    cut_version=1,
                    cuts=[-1.0, 0.0, 1.0],
                    by="test",
                    created_at=at,
                )
            )
            reminder = Reminder(wave_id=wave.id, number=1, due_at=at, by="test", created_at=at)
            reminder.programme_id = programme.id
            session.add(reminder)
            asked = session.scalars(
                select(Invitation).where(Invitation.wave_id == wave.id).limit(1)
            ).one()
            asked_id = asked.id
            session.add(
                Referral(
                    programme_id=programme.id,
                    wave_id=wave.id,
                    invitation_id=asked.id,
                    kind=ReferralKind.TOO,
                    name="Jo Other",
                    email=f"jo.other@{slug}.example",
                    said_by="Somebody",
                    said_at=at,
                )
            )
        work()
        hand_in_file(slug)
        found = {name: first(column, programme.id) for name, column in SOURCES.items()}
        part = db.session.scalars(
            select(Stakeholder).where(Stakeholder.relationship_id == relationship.id)
        ).first()
    assert part is not None
    own = {
        "relationship_id": relationship.id,
        "part_id": part.id,
        "contact_id": part.contact_id,
        "invitation_id": asked_id,
    }
    return {**found, **WORDS, **own}


def hand_in_file(slug: str) -> None:
    """Answer a second wave of the programme with a file."""
    at = utcnow()
    with transaction() as session:
        programme = programmes.find(session, slug)
        programme.guard_days = 0
        wave = factories.make_wave(session, programme, feature("files"), slug="zz-papers", at=at)
        waves.launch(session, wave, by="test", at=at)
    work()
    received = uploads.Received("iso.pdf", "pdf", b"%PDF-1.7")
    with transaction() as session:
        assignment = session.scalars(
            select(Assignment).join(Assignment.wave).where(Wave.id == wave.id)
        ).first()
        assert assignment is not None
        place = uploads.place(state().store, assignment.id)
        sha256 = place.put(received.content)
        kept = uploads.keep(session, assignment.slug, "certificate", received, sha256=sha256, at=at)
        answers: dict[str, Any] = {"certificate": file_answer(str(kept.id), kept.name, sha256)}
        responses.save_section(session, assignment.slug, "papers", answers, version=0, at=at)
        assert submissions.submit(session, assignment.slug, at=at).response is not None


def first(column: InstrumentedAttribute[Any], programme_id: uuid.UUID) -> object:
    query = select(column).where(column.class_.programme_id == programme_id)
    return db.session.scalars(query.order_by(column).limit(1)).one()


def give_to(app: Flask, email: str) -> None:
    """Make a member the manager of every relationship, so that ids are within their reach."""
    with app.app_context(), transaction() as session:
        user = users.find(session, email)
        own = select(Membership.programme_id).where(Membership.user_id == user.id)
        session.execute(
            update(Relationship)
            .where(Relationship.programme_id.in_(own))
            .values(manager_id=user.id)
        )
