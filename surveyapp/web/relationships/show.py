"""One relationship: what it is worth, who stands in it, who is missing, what it was asked."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template

from surveyapp.clock import today
from surveyapp.extensions import db
from surveyapp.models.accounts import Function, Influence, Organisation, Side, Stakeholder
from surveyapp.services import access, relationships, released_scorecards, stakeholders
from surveyapp.services.programme_rules import Expected, expected_of
from surveyapp.services.wave_names import function_in_sentence, function_name
from surveyapp.web import guards, result_pages
from surveyapp.web.guards import requires
from surveyapp.web.kpis.shown import of_relationship
from surveyapp.web.relationships import pages
from surveyapp.web.relationships.pages import blueprint


@dataclass(frozen=True, slots=True)
class SideShown:
    """One side of the page."""

    side: Side
    organisation: Organisation
    groups: Sequence[tuple[Function, Sequence[Stakeholder]]]
    """Running parts and those to come, by function."""
    ended: Sequence[Stakeholder]
    missing: Sequence[str]
    """Expected functions nobody stands in, as a sentence names them."""
    people: int
    deciders: int


@blueprint.get("/<uuid:relationship_id>")
@requires("accounts.read")
def show(relationship_id: uuid.UUID) -> str:
    """Show one relationship."""
    found = pages.find(db.session(), relationship_id)
    parts = stakeholders.of_relationship(db.session(), found)
    expected = expected_of(guards.programme())
    ends = ((Side.BUYER, found.buyer), (Side.SUPPLIER, found.supplier))
    may_read = access.is_allowed(guards.actor(), "results.read")
    released = released_scorecards.newest(db.session(), found) if may_read else None
    return render_template(
        "relationships/show.html",
        relationship=found,
        released=released,
        **(result_pages.essentials(released.context) if released else {}),
        narrowing=relationships.narrowing(found),
        manager=relationships.manager_of(db.session(), found),
        sides=[_side(side, end, parts, expected) for side, end in ends],
        facts=of_relationship(found.id),
        asked_in=relationships.asked_in(db.session(), found),
        on=today(),
        function_name=function_name,
    )


def _side(
    side: Side, organisation: Organisation, parts: Sequence[Stakeholder], expected: Expected
) -> SideShown:
    here = [part for part in parts if part.side == side]
    open_parts = [part for part in here if not stakeholders.has_ended(part, today())]
    running = [part for part in here if stakeholders.is_running(part, today())]
    filled = {part.function for part in running}
    groups = [
        (function, [part for part in open_parts if part.function == function])
        for function in Function
    ]
    return SideShown(
        side=side,
        organisation=organisation,
        groups=[(function, people) for function, people in groups if people],
        ended=[part for part in here if stakeholders.has_ended(part, today())],
        missing=[function_in_sentence(each) for each in expected[side] if each not in filled],
        people=len(running),
        deciders=sum(part.influence == Influence.DECIDES for part in running),
    )
