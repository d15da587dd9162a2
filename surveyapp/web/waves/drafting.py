"""Drafting a wave on one guided page, which says at every step how many people it would ask."""

import re
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from surveyapp.clock import today, utcnow
from surveyapp.errors import Conflict, Invalid, WaveStateError
from surveyapp.extensions import db, state, transaction
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.definition import Anonymity
from surveyapp.services import (
    disclosure_rules,
    wave_audience,
    wave_choices,
    wave_cuts,
    wave_drafts,
    waves,
)
from surveyapp.services.wave_audience import Count
from surveyapp.services.wave_choices import Kinds, Library
from surveyapp.services.wave_lists import Rule
from surveyapp.web import guards
from surveyapp.web.forms.waves import DraftForm, draft_data
from surveyapp.web.guards import requires
from surveyapp.web.waves import pages, wording
from surveyapp.web.waves.pages import blueprint

_PROPOSED: Final = timedelta(days=28)
"""A last day to begin with: four weeks give room for two reminders."""


@dataclass(frozen=True, slots=True)
class _Offer:
    """What the page has to choose from."""

    library: Library
    kinds: Kinds


@blueprint.get("/new-wave")
@requires("waves.edit")
def new() -> str:
    """Show an empty draft with the same questionnaire as last time."""
    programme, offer = guards.programme(), _offer()
    asks = wave_choices.last_key(db.session(), programme)
    if offer.library.find(asks) is None:
        asks = next((each.key(each.views[0]) for each in offer.library.choices), "")
    proposed = {
        "asks": asks,
        "closes_on": today() + _PROPOSED,
        "guard_days": programme.guard_days,
        **draft_data(Rule()),
    }
    form = DraftForm(formdata=None, data=proposed)
    return _page(form, offer, None)


@blueprint.post("/new-wave")
@requires("waves.edit")
def create() -> Response | str | tuple[str, int]:
    """Store the draft, or only count anew."""
    form, offer = DraftForm(), _offer()
    form.offer(offer.library, offer.kinds)
    if "count" in request.form:
        return _counted(form, offer, None)
    if not form.validate():
        return _page(form, offer, None), 422
    try:
        with transaction() as session:
            slug = _create(session, form, offer)
    except (Conflict, Invalid) as error:
        form.form_errors.append(str(error))
        return _page(form, offer, None), 422
    flash(_("The draft is saved. Nobody is asked before you launch it."))
    return redirect(url_for("waves.check", wave=slug), 303)


@blueprint.get("/waves/<wave>/edit")
@requires("waves.edit")
def edit(wave: str) -> str:
    """Show a draft to be changed."""
    found, offer = pages.find(db.session(), wave), _offer()
    found.require_unlaunched()
    version = found.questionnaire_version
    form = DraftForm(
        formdata=None,
        data={
            "name": found.name,
            "asks": f"{version.questionnaire_id}/{version.version}/{found.view.value}",
            "closes_on": found.last_day,
            "guard_days": found.guard_days,
            "cuts": found.cuts,
            **draft_data(Rule.from_json(found.list_rule)),
        },
    )
    return _page(form, offer, found)


@blueprint.get("/waves/<wave>/discard")
@requires("waves.edit")
def ask_discard(wave: str) -> str:
    """Say what deleting a draft does before it is done."""
    found = pages.find(db.session(), wave)
    found.require_unlaunched()
    return render_template("waves/discard.html", wave=found, tabs=pages.tabs(found))


@blueprint.post("/waves/<wave>/discard")
@requires("waves.edit")
def discard(wave: str) -> Response:
    """Delete a draft."""
    with transaction() as session:
        found = pages.find(session, wave)
        name = found.name
        wave_drafts.discard(session, found, by=guards.actor().by, at=utcnow())
    flash(_("The draft %(name)s is deleted.", name=name))
    return redirect(url_for("waves.index"), 303)


@blueprint.post("/waves/<wave>/edit")
@requires("waves.edit")
def save(wave: str) -> Response | str | tuple[str, int]:
    """Store a changed draft, or only count anew."""
    found, offer = pages.find(db.session(), wave), _offer()
    found.require_unlaunched()
    form = DraftForm(data={**draft_data(Rule.from_json(found.list_rule)), "cuts": found.cuts})
    form.offer(offer.library, offer.kinds)
    if "count" in request.form:
        return _counted(form, offer, found)
    if not form.validate():
        return _page(form, offer, found), 422
    try:
        with transaction() as session:
            _save(session, pages.find(session, wave), form, offer)
    except WaveStateError:
        raise
    except (Conflict, Invalid) as error:
        form.form_errors.append(str(error))
        return _page(form, offer, found), 422
    flash(_("The draft is saved."))
    return redirect(url_for("waves.check", wave=wave), 303)


def _create(session: Session, form: DraftForm, offer: _Offer) -> str:
    programme, by, at = guards.programme(), guards.actor().by, utcnow()
    choice, view = offer.library.require(form.asks.data or "")
    taken = {each.slug for each in waves.listed(session, programme)}
    slug = form.slug.data or _short_name(form.name.data or "", taken)
    waves.create(
        session,
        programme,
        slug=slug,
        name=form.name.data or "",
        view=view,
        version=wave_choices.publish(session, programme, choice, by=by, at=at),
        closes_at=pages.end_of(form.closes_on.data or today()),
        guard_days=form.guard_days.data,
        rule=form.rule(),
        cuts=form.declared(),
        by=by,
        at=at,
    )
    return slug


def _save(session: Session, wave: Wave, form: DraftForm, offer: _Offer) -> None:
    by, at = guards.actor().by, utcnow()
    choice, view = offer.library.require(form.asks.data or "")
    waves.edit(
        session,
        wave,
        name=form.name.data or "",
        view=view,
        version=wave_choices.publish(session, guards.programme(), choice, by=by, at=at),
        closes_at=pages.end_of(form.closes_on.data or today()),
        guard_days=form.guard_days.data or 0,
        rule=form.rule(),
        cuts=form.declared(),
        by=by,
        at=at,
    )


def _counted(form: DraftForm, offer: _Offer, wave: Wave | None) -> str | tuple[str, int]:
    """Show the page with the count of what it says now; only what the count needs must be right."""
    form.validate()
    if not form.can_be_counted():
        return _page(form, offer, wave), 422
    for field in form:
        field.errors = ()
    return _page(form, offer, wave)


def _offer() -> _Offer:
    session, programme = db.session(), guards.programme()
    folders = state().settings.questionnaire_folders
    return _Offer(
        wave_choices.library(session, programme, folders=folders),
        wave_choices.kinds(session, programme),
    )


def _page(form: DraftForm, offer: _Offer, wave: Wave | None) -> str:
    form.offer(offer.library, offer.kinds)
    return render_template(
        "waves/edit.html",
        form=form,
        wave=wave,
        tabs=pages.tabs(wave) if wave else [],
        library=offer.library,
        kinds=offer.kinds,
        count=_count(form, offer, wave),
        wording=wording,
        minimums={
            each: disclosure_rules.of_programme(guards.programme(), each) for each in Anonymity
        },
    )


def _count(form: DraftForm, offer: _Offer, wave: Wave | None) -> Count | None:
    """Count whom the form as it stands would ask; None while it cannot be read."""
    found = offer.library.find(form.asks.data or "")
    if found is None or not form.can_be_counted():
        return None
    choice, view = found
    programme, at = guards.programme(), utcnow()
    closes_on = None if form.closes_on.errors else form.closes_on.data
    # a row that is never stored: counting asks nothing else of it
    imagined = Wave(
        id=wave.id if wave else uuid.uuid4(),
        programme_id=programme.id,
        slug=wave.slug if wave else "",
        name=form.name.data or "",
        view=view,
        questionnaire_version=wave_choices.as_version(programme, choice),
        list_rule=form.rule().as_json(),
        cuts=wave_cuts.as_json(form.declared()),
        guard_days=form.guard_days.data,
        closes_at=pages.end_of(closes_on or today()),
        opens_at=wave.opens_at if wave else None,
    )
    return wave_audience.count(db.session(), imagined, at=at)


def _short_name(name: str, taken: set[str]) -> str:
    """Make a short name of a wave's name, a number behind it where it is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:56].rstrip("-") or "wave"
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug
