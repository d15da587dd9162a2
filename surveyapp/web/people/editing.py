"""Adding a person and changing one."""

import uuid
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Invalid
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Contact, Organisation
from surveyapp.services import contacts, organisations
from surveyapp.services.contacts import ContactFacts
from surveyapp.services.editing import ChangedMeanwhile
from surveyapp.web import guards
from surveyapp.web.forms.cells import Difference, blame
from surveyapp.web.forms.people import PersonForm
from surveyapp.web.guards import requires
from surveyapp.web.people import pages
from surveyapp.web.people.pages import blueprint
from surveyapp.web.relationships.pages import suggested


@blueprint.get("/new")
@requires("accounts.edit")
def new() -> str:
    """Offer a form for a person."""
    form = PersonForm(formdata=None, organisation=request.args.get("organisation", "")[:300])
    return render_template("people/new.html", form=form, suggested=suggested())


@blueprint.post("/new")
@requires("accounts.edit")
def create() -> Response | tuple[str, int]:
    """Add a person."""
    form, programme = PersonForm(), guards.programme()
    try:
        if not form.validate():
            return render_template("people/new.html", form=form, suggested=suggested()), 422
        with transaction() as session:
            made = contacts.create(
                session,
                programme,
                organisations.named(
                    session, programme, form.organisation.value, field="organisation"
                ),
                name=form.name.value,
                email=form.email.value,
                locale=form.locale.value,
                by=guards.actor().by,
                at=utcnow(),
            )
    except Invalid as error:
        blame(form, error)
        return render_template("people/new.html", form=form, suggested=suggested()), 422
    flash(_("%(name)s is there. Give them a part on the page of a relationship.", name=made.name))
    return redirect(url_for("people.show", contact_id=made.id), 303)


@blueprint.get("/<uuid:contact_id>/edit")
@requires("accounts.edit")
def edit(contact_id: uuid.UUID) -> str:
    """Offer a form for a person's name, address, language and organisation."""
    found = pages.find(db.session(), contact_id)
    form = PersonForm.of(contacts.facts_of(found))
    form.organisation.data = found.organisation.name
    return _edit_page(contact_id, form)


@blueprint.post("/<uuid:contact_id>/edit")
@requires("accounts.edit")
def change(contact_id: uuid.UUID) -> Response | tuple[str, int]:
    """Change a person, unless somebody else has since the page was opened."""
    form, programme = PersonForm(), guards.programme()
    if not form.validate():
        return _edit_page(contact_id, form), 422
    try:
        with transaction() as session:
            contact = pages.find(session, contact_id)
            contacts.edit(
                session,
                programme,
                contact,
                ContactFacts(
                    name=form.name.value,
                    email=form.email.value,
                    locale=form.locale.value or programme.locale,
                    organisation_id=_organisation(session, contact, form).id,
                ),
                seen=form.seen.data or "",
                by=guards.actor().by,
                at=utcnow(),
            )
    except ChangedMeanwhile as error:
        works_at = pages.find(db.session(), contact_id).organisation.name
        return _edit_page(contact_id, form, form.take(error, organisation=works_at)), 409
    except Invalid as error:
        blame(form, error)
        return _edit_page(contact_id, form), 422
    flash(_("Saved."))
    return redirect(url_for("people.show", contact_id=contact_id), 303)


def _organisation(session: Session, contact: Contact, form: PersonForm) -> Organisation:
    """Return the organisation that was written; the one it was stays, even if others are called so."""
    if form.organisation.value == contact.organisation.name:
        return contact.organisation
    return organisations.named(
        session, guards.programme(), form.organisation.value, field="organisation"
    )


def _edit_page(
    contact_id: uuid.UUID, form: PersonForm, differences: Sequence[Difference] = ()
) -> str:
    return render_template(
        "people/edit.html",
        contact=pages.find(db.session(), contact_id),
        form=form,
        differences=differences,
        suggested=suggested(),
    )
