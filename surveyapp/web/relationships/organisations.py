"""Adding an organisation and changing its name."""

import uuid
from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Invalid
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Organisation
from surveyapp.services import organisations
from surveyapp.services.editing import ChangedMeanwhile
from surveyapp.web import guards
from surveyapp.web.forms.cells import Difference, blame
from surveyapp.web.forms.relationships import OrganisationForm
from surveyapp.web.guards import requires
from surveyapp.web.relationships.pages import blueprint


@blueprint.get("/organisations/new")
@requires("accounts.edit")
def new_organisation() -> str:
    """Offer a form for an organisation."""
    return render_template(
        "relationships/new_organisation.html", form=OrganisationForm(formdata=None)
    )


@blueprint.post("/organisations/new")
@requires("accounts.edit")
def add_organisation() -> Response | tuple[str, int]:
    """Add an organisation, then lead on to its first relationship."""
    form = OrganisationForm()
    try:
        if not form.validate():
            return render_template("relationships/new_organisation.html", form=form), 422
        with transaction() as session:
            made = organisations.create(
                session, guards.programme(), form.facts(), by=guards.actor().by, at=utcnow()
            )
    except Invalid as error:
        blame(form, error)
        return render_template("relationships/new_organisation.html", form=form), 422
    flash(_("%(name)s is there. Now say from whom it buys.", name=made.name))
    return redirect(url_for("relationships.new", buyer=made.reference), 303)


@blueprint.get("/organisations/<uuid:organisation_id>")
@requires("accounts.edit")
def edit_organisation(organisation_id: uuid.UUID) -> str:
    """Offer a form for an organisation's name."""
    found = _find(organisation_id)
    return _edit_page(found, OrganisationForm.of(organisations.facts_of(found)))


@blueprint.post("/organisations/<uuid:organisation_id>")
@requires("accounts.edit")
def change_organisation(organisation_id: uuid.UUID) -> Response | tuple[str, int]:
    """Change an organisation's name, unless somebody else has since the page was opened."""
    found, form = _find(organisation_id), OrganisationForm()
    if not form.validate():
        return _edit_page(found, form), 422
    programme, actor = guards.programme(), guards.actor()
    try:
        with transaction() as session:
            organisation = organisations.find(session, programme, organisation_id, actor=actor)
            organisations.edit(
                session,
                programme,
                organisation,
                form.facts(),
                seen=form.seen.data or "",
                by=actor.by,
                at=utcnow(),
            )
    except ChangedMeanwhile as error:
        return _edit_page(found, form, form.take(error)), 409
    except Invalid as error:
        blame(form, error)
        return _edit_page(found, form), 422
    flash(_("Saved."))
    return redirect(url_for("relationships.index", q=organisation.reference), 303)


def _find(organisation_id: uuid.UUID) -> Organisation:
    return organisations.find(
        db.session(), guards.programme(), organisation_id, actor=guards.actor()
    )


def _edit_page(
    organisation: Organisation, form: OrganisationForm, differences: Sequence[Difference] = ()
) -> str:
    return render_template(
        "relationships/organisation.html",
        organisation=organisation,
        form=form,
        differences=differences,
    )
