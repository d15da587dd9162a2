"""The list of relationships, and who stands where over all of them."""

import uuid
from typing import Final, Literal

from flask import render_template, request

from surveyapp.clock import today
from surveyapp.extensions import db
from surveyapp.models.accounts import Function, Side
from surveyapp.services import relationship_filters, relationship_lists, stakeholder_coverage
from surveyapp.services.programme_rules import expected_of
from surveyapp.services.relationship_lists import Narrowed, Undecided
from surveyapp.services.wave_names import function_in_sentence, function_name
from surveyapp.web import guards
from surveyapp.web.guards import requires
from surveyapp.web.listing import asked_order, asked_page
from surveyapp.web.relationships.pages import blueprint

_EXPECTED: Final = "expected"
"""In ``?missing=``: any of the expected functions; else a side and a function: ``buyer.finance``."""
_LONGEST: Final = 200


@blueprint.get("")
@requires("accounts.read")
def index() -> str:
    """List the relationships."""
    narrowed = _narrowed()
    page = relationship_lists.page(
        db.session(),
        guards.programme(),
        narrowed,
        actor=guards.actor(),
        on=today(),
        order=asked_order("buyer"),
        number=asked_page(),
    )
    offered = relationship_filters.offered(db.session(), guards.programme(), actor=guards.actor())
    return render_template(
        "relationships/index.html",
        page=page,
        offered=offered,
        narrowed=narrowed,
        is_narrowed=narrowed != Narrowed(),
        asked=request.args,
        lacks=[(_key(side, each), side, each) for side in Side for each in Function],
        expected=expected_of(guards.programme()),
        function_name=function_name,
        sides=list(Side),
    )


@blueprint.get("/functions")
@requires("accounts.read")
def functions() -> str:
    """Show how many stand in each function of each side, and where somebody is missing."""
    coverage = stakeholder_coverage.look(
        db.session(), guards.programme(), actor=guards.actor(), on=today()
    )
    return render_template(
        "relationships/functions.html",
        coverage=coverage,
        function_name=function_name,
        function_in_sentence=function_in_sentence,
        key_of=_key,
    )


def _narrowed() -> Narrowed:
    missing = _asked("missing")
    return Narrowed(
        text=_asked("q"),
        segment=_asked("segment"),
        region=_asked("region"),
        service_team=_asked("service_team"),
        product_line=_asked("product_line"),
        manager=_manager(_asked("manager")),
        undecided=_undecided(_asked("undecided")),
        is_missing=missing == _EXPECTED,
        lacks=_lacks(missing),
    )


def _asked(name: str) -> str:
    # PostgreSQL takes no NUL in a text, and no stored text holds one
    return request.args.get(name, "").replace("\0", "").strip()[:_LONGEST]


def _manager(asked: str) -> uuid.UUID | Literal["nobody"] | None:
    if asked == "nobody":
        return "nobody"
    try:
        return uuid.UUID(asked) if asked else None
    except ValueError:
        return None


def _undecided(asked: str) -> Undecided:
    match asked:
        case "buyer" | "supplier" | "both":
            return asked
        case _:
            return ""


def _lacks(asked: str) -> tuple[Side, Function] | None:
    pairs = {_key(side, each): (side, each) for side in Side for each in Function}
    return pairs.get(asked)


def _key(side: Side, function: Function) -> str:
    return f"{side.value}.{function.value.replace(' ', '-')}"
