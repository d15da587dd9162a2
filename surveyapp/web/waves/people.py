"""Who is asked and why, who is left off and why; before the launch, who would be."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from flask import Response, current_app, make_response, render_template, request
from flask_babel import gettext as _

from surveyapp.clock import utcnow
from surveyapp.extensions import db
from surveyapp.models.accounts import Function
from surveyapp.models.invitations import OmissionReason
from surveyapp.models.waves import Wave
from surveyapp.services import assisting, referrals, wave_people, wave_prospects
from surveyapp.services.positions import Position
from surveyapp.tabular.writing import as_csv
from surveyapp.web.forms.choices import options
from surveyapp.web.forms.waves import FUNCTIONS, PeopleForm
from surveyapp.web.guards import requires
from surveyapp.web.listing import asked_order, asked_page
from surveyapp.web.waves import pages, wording
from surveyapp.web.waves.pages import blueprint

E = TypeVar("E", Position, Function, OmissionReason)
_LONGEST_SEARCH: Final = 200


@blueprint.get("/waves/<wave>/people")
@requires("waves.read")
def people(wave: str) -> str:
    """List who is asked, with the reason; before the launch, who would be."""
    found = pages.find(db.session(), wave)
    narrowing = _narrowing(found)
    order, number = asked_order("name"), asked_page()
    if pages.is_unlaunched(found):
        narrowing.pop("position")
        page: Any = wave_prospects.page(
            db.session(), found, at=utcnow(), order=order, number=number, **narrowing
        )
    else:
        page = wave_people.page(db.session(), found, order=order, number=number, **narrowing)
    modes = assisting.modes(db.session(), found)
    return render_template(
        "waves/people.html",
        modes=modes,
        mode_counts=assisting.counted(modes),
        mode_words=wording.MODES,
        can_assist=assisting.is_possible(found) and found.accepts_answers(utcnow()),
        wave=found,
        tabs=pages.tabs(found),
        page=page,
        named=referrals.count_open(db.session(), found),
        form=_form(found),
        words=_words(found),
        has_people_pages="people.show" in current_app.view_functions,
        tells_positions=wave_people.tells_positions(found),
        is_narrowed=any(narrowing.values()),
        is_unlaunched=pages.is_unlaunched(found),
    )


@blueprint.get("/waves/<wave>/left-off")
@requires("waves.read")
def left_off(wave: str) -> str:
    """List who is left off, with the reason; before the launch, who would be."""
    found, at = pages.find(db.session(), wave), utcnow()
    search, reason = _search(), _chosen(OmissionReason, "reason")
    order, number = asked_order("name"), asked_page()
    page: Any
    if pages.is_unlaunched(found):
        page = wave_prospects.left_off(
            db.session(), found, at=at, search=search, reason=reason, order=order, number=number
        )
    else:
        page = wave_people.omissions(
            db.session(), found, search=search, reason=reason, order=order, number=number
        )
    return render_template(
        "waves/left_off.html",
        wave=found,
        tabs=pages.tabs(found),
        page=page,
        form=_form(found),
        is_narrowed=bool(search or reason),
        has_people_pages="people.show" in current_app.view_functions,
        is_unlaunched=pages.is_unlaunched(found),
    )


@blueprint.get("/waves/<wave>/people.csv")
@requires("waves.read")
def export_people(wave: str) -> Response:
    """Hand out the list as a file, with what the page tells and nothing more."""
    found = pages.find(db.session(), wave)
    narrowing = _narrowing(found)
    headings = [_("Name"), _("Address"), _("Company"), _("Reason")]
    rows: Iterable[list[str]]
    if pages.is_unlaunched(found):
        narrowing.pop("position")
        named = wave_prospects.every(db.session(), found, at=utcnow(), **narrowing)
        rows = ([each.name, each.email, each.organisation, each.reason] for each in named)
    else:
        words = _words(found)
        headings += [_("State"), _("Put in")]
        modes = assisting.modes(db.session(), found)
        rows = (
            [
                each.name,
                each.email,
                each.organisation,
                each.reason,
                str(words[each.position]),
                str(wording.MODES[modes[each.invitation_id]])
                if each.invitation_id in modes
                else "",
            ]
            for each in wave_people.every(db.session(), found, **narrowing)
        )
    response = make_response(as_csv(headings, rows))
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{found.slug}-people.csv"'
    return response


def _narrowing(wave: Wave) -> dict[str, Any]:
    """Read what the address narrows the list to; a position nobody may know of is not one."""
    position = _chosen(Position, "position")
    return {
        "search": _search(),
        "position": position if position in _words(wave) else None,
        "function": _chosen(Function, "function"),
    }


def _words(wave: Wave) -> Mapping[Position, Any]:
    return wording.POSITIONS if wave_people.tells_positions(wave) else wording.DELIVERIES


def _search() -> str:
    return request.args.get("q", "").strip()[:_LONGEST_SEARCH]


def _chosen(kind: type[E], name: str) -> E | None:
    """Read a choice from the address; what is none narrows nothing."""
    asked = request.args.get(name, "")
    return next((each for each in kind if each.value == asked), None)


def _form(wave: Wave) -> PeopleForm:
    form = PeopleForm(request.args)
    words = _words(wave)
    form.position.choices = options(
        [("", _("any")), *((each.value, str(word)) for each, word in words.items())]
    )
    form.function.choices = options([("", _("any")), *FUNCTIONS])
    form.reason.choices = options(
        [("", _("any")), *((each.value, each.value) for each in OmissionReason)]
    )
    return form
