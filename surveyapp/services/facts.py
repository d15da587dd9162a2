"""What conditions of a questionnaire may ask about the person and the relationship."""

from surveyapp.models.accounts import Relationship
from surveyapp.models.invitations import Assignment
from surveyapp.questionnaires.values import Sources


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
