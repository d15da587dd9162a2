"""What conditions of a questionnaire may ask about the person and the relationship."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Relationship
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.programmes import Programme
from surveyapp.models.responses import Response
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.definition import Anonymity, Questionnaire
from surveyapp.questionnaires.expressions import Expression, Source, SourceName, walk
from surveyapp.questionnaires.loading import from_canonical_json
from surveyapp.questionnaires.values import Sources, Value
from surveyapp.services import kpi_readings
from surveyapp.services.shelves import Shelf

_ASKED: Final[Shelf[int, tuple[Questionnaire, frozenset[tuple[SourceName, str]]]]] = Shelf(64)
"""What the rules ask of sources, by the object; it is kept beside, so that no other takes its id."""


def asked(
    session: Session,
    questionnaire: Questionnaire,
    assignment: Assignment,
    relationship: Relationship,
    *,
    at: datetime,
) -> Sources:
    """Return the facts behind a questionnaire's conditions, those of KPIs and the last wave included.

    ``kpi.x`` is the current value on the day the wave was launched, as it was known then: later
    imports, corrections and withdrawals do not move the path under somebody who answers. A stale
    or missing value is unknown. Without such a condition no KPI is read. ``prev.x`` is what the same
    person answered about the same relationship the last time; see ``last_answers``.
    """
    known = {**about(assignment, relationship), "clock": {"today": at.date().isoformat()}}
    wave = session.get_one(Wave, assignment.wave_id)
    if (said := named_of(questionnaire, "prev")) and wave.launched_at is not None:
        given = last_answers(session, questionnaire, assignment, before=wave.launched_at)
        # "no basis" and files are answers that nothing can be compared with
        known["prev"] = {
            name: value
            for name, value in given.items()
            if name in said and not isinstance(value, dict)
        }
    named = named_of(questionnaire, "kpi")
    if not named or wave.launched_at is None:
        return known
    readings = kpi_readings.read(
        session,
        session.get_one(Programme, assignment.programme_id),
        [relationship.id],
        on=wave.launched_at.date(),
        known_at=wave.launched_at,
        only=named,
    )
    told = readings.of(relationship.id)
    values = {each.definition.slug: each.value for each in told if not each.is_stale}
    return {**known, "kpi": values}


def named_of(questionnaire: Questionnaire, source: SourceName) -> set[str]:
    """Return what a questionnaire's rules ask of one source, such as the KPIs they name."""
    _, asked_for = _ASKED.get(id(questionnaire), lambda: (questionnaire, _named(questionnaire)))
    return {name for asked_source, name in asked_for if asked_source == source}


def _named(questionnaire: Questionnaire) -> frozenset[tuple[SourceName, str]]:
    nodes = (node for rule in _rules_of(questionnaire) for node in walk(rule))
    return frozenset((node.source, node.name) for node in nodes if isinstance(node, Source))


def _rules_of(questionnaire: Questionnaire) -> Iterator[Expression]:
    parts = [*questionnaire.sections, *(item for _, item in questionnaire.items())]
    for part in parts:
        for key in ("visible_if", "required_if", "valid_if", "calculate"):
            rule: Expression | None = getattr(part, key, None)
            if rule is not None:
                yield rule


def last_answers(
    session: Session, questionnaire: Questionnaire, assignment: Assignment, *, before: datetime
) -> dict[str, Value]:
    """Return what the person answered to the same questionnaire about the same relationship last.

    Only what was sent before this wave's launch, and only where both contracts allow that answers of
    one person are put side by side: identified questionnaires, and no stricter item of them.
    """
    if questionnaire.anonymity != Anonymity.IDENTIFIED:
        return {}
    contact_id = select(Invitation.contact_id).where(Invitation.id == assignment.invitation_id)
    found = session.execute(
        select(Response.answers_json, QuestionnaireVersion.canonical_json)
        .join(Assignment, Assignment.id == Response.assignment_id)
        .join(Invitation, Invitation.id == Assignment.invitation_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.questionnaire_version_id)
        .where(
            Assignment.programme_id == assignment.programme_id,
            Assignment.relationship_id == assignment.relationship_id,
            Assignment.wave_id != assignment.wave_id,
            Invitation.contact_id == contact_id.scalar_subquery(),
            QuestionnaireVersion.questionnaire_id == questionnaire.id,
            Response.submitted_at <= before,
        )
        .order_by(Response.submitted_at.desc(), Response.revision.desc())
        .limit(1)
    ).first()
    if found is None:
        return {}
    earlier = from_canonical_json(found.canonical_json)
    if earlier.anonymity != Anonymity.IDENTIFIED:
        return {}
    open_ids = {
        name
        for _, item in earlier.items()
        if item.anonymity in (None, Anonymity.IDENTIFIED)
        for name in item.answer_ids
    }
    given: dict[str, Value] = json.loads(found.answers_json)
    return {name: value for name, value in given.items() if name in open_ids}


def about(assignment: Assignment, relationship: Relationship) -> Sources:
    """Return the facts behind ``contact.x`` and ``relationship.x``; what is not known is left out.

    The person's part is as it was when the contact list was frozen.
    """
    contact = {
        "side": assignment.side.value,
        "function": assignment.function.value,
        "influence": assignment.influence.value,
    }
    known = {
        "product_line": relationship.product_line,
        "service_team": relationship.service_team,
        "region": relationship.region,
        "segment": relationship.segment,
        "currency": relationship.currency,
    }
    described: dict[str, str | float] = {name: text for name, text in known.items() if text}
    if relationship.annual_value is not None:
        described["annual_value"] = float(relationship.annual_value)
    if relationship.renewal_on is not None:
        described["renewal_on"] = relationship.renewal_on.isoformat()
    return {"contact": contact, "relationship": described}
