"""What conditions of a questionnaire may ask about the person and the relationship."""

from sqlalchemy.orm import Session

from surveyapp.models.accounts import Relationship
from surveyapp.models.invitations import Assignment
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.expressions import Source, walk
from surveyapp.questionnaires.values import Sources
from surveyapp.services import kpi_readings


def asked(
    session: Session,
    questionnaire: Questionnaire,
    assignment: Assignment,
    relationship: Relationship,
) -> Sources:
    """Return the facts behind a questionnaire's conditions, those of KPIs included.

    ``kpi.x`` is the current value on the day the wave was launched, as it was known then: later
    imports, corrections and withdrawals do not move the path under somebody who answers. A stale
    or missing value is unknown. Without such a condition no KPI is read.
    """
    known = about(assignment, relationship)
    wave = session.get_one(Wave, assignment.wave_id)
    named = kpis_of(questionnaire)
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


def kpis_of(questionnaire: Questionnaire) -> set[str]:
    """Return the KPIs that a questionnaire's conditions name."""
    items = [item for section in questionnaire.sections for item in section.items]
    rules = [section.visible_if for section in questionnaire.sections]
    rules += [rule for item in items for rule in (item.visible_if, item.required_if)]
    return {
        node.name
        for rule in rules
        if rule is not None
        for node in walk(rule)
        if isinstance(node, Source) and node.source == "kpi"
    }


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
