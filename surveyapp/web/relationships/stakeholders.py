"""Giving somebody a part in a relationship, changing it, ending it, taking it out."""

import uuid
from collections.abc import Sequence
from typing import Final

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Invalid
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Contact, Influence, Relationship, Side
from surveyapp.services import contacts, stakeholders
from surveyapp.services.editing import ChangedMeanwhile, wrong
from surveyapp.web import guards
from surveyapp.web.forms.cells import Difference, blame
from surveyapp.web.forms.relationships import NewPartForm, PartForm
from surveyapp.web.guards import requires
from surveyapp.web.relationships import pages
from surveyapp.web.relationships.pages import blueprint

_OFFERED: Final = 300
"""People to choose among; of a larger organisation the address is written."""


@blueprint.get("/<uuid:relationship_id>/stakeholders/new")
@requires("accounts.edit")
def new_stakeholder(relationship_id: uuid.UUID) -> str:
    """Offer the two organisations' people, and fields for somebody new."""
    form = NewPartForm(formdata=None, influence=Influence.INFLUENCES.value)
    return _new_page(relationship_id, form)


@blueprint.post("/<uuid:relationship_id>/stakeholders/new")
@requires("accounts.edit")
def add_stakeholder(relationship_id: uuid.UUID) -> Response | tuple[str, int]:
    """Give somebody a part; who is not known yet becomes a contact first."""
    form = NewPartForm()
    _offer(form, pages.find(db.session(), relationship_id))
    if not form.validate():
        return _new_page(relationship_id, form), 422
    programme, by, at = guards.programme(), guards.actor().by, utcnow()
    try:
        with transaction() as session:
            relationship = pages.find(session, relationship_id)
            contact = _contact(session, relationship, form)
            stakeholders.add(session, programme, relationship, contact, form.facts(), by=by, at=at)
            name = contact.name
    except Invalid as error:
        blame(form, error, contact="contact" if form.contact.data else "email")
        return _new_page(relationship_id, form), 422
    flash(_("%(name)s has a part in this relationship now.", name=name))
    return redirect(url_for("relationships.show", relationship_id=relationship_id), 303)


@blueprint.get("/<uuid:relationship_id>/stakeholders/<uuid:part_id>")
@requires("accounts.edit")
def edit_stakeholder(relationship_id: uuid.UUID, part_id: uuid.UUID) -> str:
    """Offer a form for somebody's part."""
    found = stakeholders.find(db.session(), pages.find(db.session(), relationship_id), part_id)
    return _edit_page(relationship_id, part_id, PartForm.of(stakeholders.facts_of(found)))


@blueprint.post("/<uuid:relationship_id>/stakeholders/<uuid:part_id>")
@requires("accounts.edit")
def change_stakeholder(
    relationship_id: uuid.UUID, part_id: uuid.UUID
) -> Response | tuple[str, int]:
    """Change or end a part, unless somebody else has changed it since the page was opened."""
    form = PartForm()
    if not form.validate():
        return _edit_page(relationship_id, part_id, form), 422
    try:
        with transaction() as session:
            stakeholders.edit(
                session,
                guards.programme(),
                stakeholders.find(session, pages.find(session, relationship_id), part_id),
                form.facts(),
                seen=form.seen.data or "",
                by=guards.actor().by,
                at=utcnow(),
            )
    except ChangedMeanwhile as error:
        return _edit_page(relationship_id, part_id, form, form.take(error)), 409
    except Invalid as error:
        blame(form, error)
        return _edit_page(relationship_id, part_id, form), 422
    flash(_("Saved."))
    return redirect(url_for("relationships.show", relationship_id=relationship_id), 303)


@blueprint.post("/<uuid:relationship_id>/stakeholders/<uuid:part_id>/remove")
@requires("accounts.edit")
def remove_stakeholder(relationship_id: uuid.UUID, part_id: uuid.UUID) -> Response:
    """Take out a part that was entered by mistake; one that was asked must stay."""
    with transaction() as session:
        part = stakeholders.find(session, pages.find(session, relationship_id), part_id)
        name, by = part.contact.name, guards.actor().by
        stakeholders.remove(session, guards.programme(), part, by=by, at=utcnow())
    flash(_("%(name)s has no part in this relationship any more.", name=name))
    return redirect(url_for("relationships.show", relationship_id=relationship_id), 303)


def _contact(session: Session, relationship: Relationship, form: NewPartForm) -> Contact:
    """Return who was chosen, who has the address, or somebody new."""
    programme, actor = guards.programme(), guards.actor()
    if form.contact.data:
        return contacts.find(session, programme, uuid.UUID(form.contact.data), actor=actor)
    known = contacts.by_email(session, programme, form.email.value)
    if known is not None:
        return known
    if not form.name.value:
        raise wrong("name", _("Nobody has this address yet. Write the person's name as well."))
    organisation = (
        relationship.buyer if form.side.data == Side.BUYER.value else relationship.supplier
    )
    return contacts.create(
        session,
        programme,
        organisation,
        name=form.name.value,
        email=form.email.value,
        locale=form.locale.value,
        by=actor.by,
        at=utcnow(),
    )


def _offer(form: NewPartForm, relationship: Relationship) -> None:
    people = stakeholders.candidates(db.session(), relationship, most=_OFFERED)
    form.offer(people, buyer=relationship.buyer.name, supplier=relationship.supplier.name)


def _new_page(relationship_id: uuid.UUID, form: NewPartForm) -> str:
    relationship = pages.find(db.session(), relationship_id)
    _offer(form, relationship)
    return render_template(
        "relationships/new_stakeholder.html", relationship=relationship, form=form
    )


def _edit_page(
    relationship_id: uuid.UUID,
    part_id: uuid.UUID,
    form: PartForm,
    differences: Sequence[Difference] = (),
) -> str:
    relationship = pages.find(db.session(), relationship_id)
    part = stakeholders.find(db.session(), relationship, part_id)
    return render_template(
        "relationships/stakeholder.html",
        relationship=relationship,
        part=part,
        organisation=relationship.buyer if part.side == Side.BUYER else relationship.supplier,
        form=form,
        differences=differences,
        asked=stakeholders.waves_asked(db.session(), part),
    )
