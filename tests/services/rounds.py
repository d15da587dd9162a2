"""Rounds of asking: one supplier, many buyers, people on both sides, a wave for each view."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from surveyapp.extensions import reading, state, transaction
from surveyapp.models.accounts import Contact, Side
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import View
from surveyapp.services import responses, scoring_runs, submissions, wave_launches, waves
from tests import factories
from tests.factories import AT

Row = tuple[int, int, int]
"""Points 1 to 5: satisfied, would recommend, would buy again."""
ITEMS = ("overall_satisfaction", "would_recommend", "would_repurchase")


@dataclass
class Round:
    """A programme whose relationships have the same people in every wave."""

    programme_id: uuid.UUID
    relationships: dict[str, uuid.UUID] = field(default_factory=dict)
    """By the buyer's name."""

    def asked(
        self,
        slug: str,
        answers: Mapping[str, Sequence[Row]],
        *,
        at: datetime,
        view: View = View.BUYER_ON_SUPPLIER,
        days: int = 10,
        questionnaire: Mapping[str, object] | None = None,
    ) -> uuid.UUID:
        """Ask everybody of a side; who has a row in ``answers`` answers. The wave is closed then."""
        changes = {"id": f"annual-{view.value}", "views": [view.value], **(questionnaire or {})}
        with transaction() as session:
            programme = session.get_one(Programme, self.programme_id)
            definition = factories.annual_survey(changes)
            wave = factories.make_wave(
                session, programme, definition, slug=slug, view=view, at=at, guard_days=0
            )
            waves.launch(session, wave, by="test", at=at)
            wave_id = wave.id
        wave_launches.invite_all(
            reading,
            transaction,
            wave_id,
            link_key=state().settings.link_key,
            now=lambda: at,
            progress=lambda _done, _total: None,
        )
        side = "buyer" if view is View.BUYER_ON_SUPPLIER else "supplier"
        with transaction() as session:
            asked = (
                select(Contact.name, Assignment.slug)
                .join(Invitation, Invitation.contact_id == Contact.id)
                .join(Assignment, Assignment.invitation_id == Invitation.id)
                .where(Assignment.wave_id == wave_id)
            )
            slugs = {row.name: row.slug for row in session.execute(asked)}
            for buyer, rows in answers.items():
                for number, row in enumerate(rows):
                    own = slugs[f"{buyer} {side} {number}"]
                    told = dict(zip(ITEMS, row, strict=True))
                    responses.save_section(session, own, "overall", told, version=0, at=at)
                    submissions.submit(session, own, at=at + timedelta(hours=1))
            waves.close(
                session, waves.load(session, wave_id), by="test", at=at + timedelta(days=days)
            )
        return wave_id


def make_round(buyers: Sequence[str], *, people: int = 2, supplier_people: int = 1) -> Round:
    """Make one relationship for each buyer, with people on both sides."""
    with transaction() as session:
        programme = factories.make_programme(session)
        supplier = factories.make_organisation(session, programme, "Kestrin")
        made = Round(programme.id)
        for buyer in buyers:
            organisation = factories.make_organisation(session, programme, buyer)
            relationship = factories.make_relationship(session, organisation, supplier)
            made.relationships[buyer] = relationship.id
            for number in range(people):
                person = factories.make_contact(session, organisation, f"{buyer} buyer {number}")
                factories.make_part(session, person, relationship)
            for number in range(supplier_people):
                person = factories.make_contact(session, supplier, f"{buyer} supplier {number}")
                factories.make_part(session, person, relationship, side=Side.SUPPLIER)
    return made


def score(wave_id: uuid.UUID, *, at: datetime = AT) -> uuid.UUID:
    found = scoring_runs.score_wave(
        reading, transaction, wave_id, state().store, by="test", at=at + timedelta(days=900)
    )
    assert found is not None
    return found
