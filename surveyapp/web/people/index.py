"""The list of people."""

from enum import StrEnum
from typing import Final, TypeVar

from flask import render_template, request

from surveyapp.clock import today
from surveyapp.extensions import db
from surveyapp.models.accounts import Function, Side
from surveyapp.services import contact_lists
from surveyapp.services.contact_lists import Narrowed, Reach
from surveyapp.services.wave_names import function_name
from surveyapp.web import guards
from surveyapp.web.guards import requires
from surveyapp.web.listing import asked_order, asked_page
from surveyapp.web.people.pages import blueprint

E = TypeVar("E", bound=StrEnum)
_LONGEST: Final = 200


@blueprint.get("")
@requires("accounts.read")
def index() -> str:
    """List the people."""
    narrowed = Narrowed(
        text=_asked("q"),
        organisation=_asked("organisation"),
        side=_one_of(Side, _asked("side")),
        function=_one_of(Function, _asked("function")),
        is_decider=_asked("decides") == "1",
        reach=_one_of(Reach, _asked("state")),
    )
    page = contact_lists.page(
        db.session(),
        guards.programme(),
        narrowed,
        actor=guards.actor(),
        on=today(),
        order=asked_order("name"),
        number=asked_page(),
    )
    return render_template(
        "people/index.html",
        page=page,
        narrowed=narrowed,
        is_narrowed=narrowed != Narrowed(),
        sort=request.args.get("sort", ""),
        functions=[(each, function_name(each)) for each in Function],
        states=list(Reach),
    )


def _asked(name: str) -> str:
    # PostgreSQL takes no NUL in a text, and no stored text holds one
    return request.args.get(name, "").replace("\0", "").strip()[:_LONGEST]


def _one_of(words: type[E], asked: str) -> E | None:
    return next((word for word in words if word.value == asked), None)
