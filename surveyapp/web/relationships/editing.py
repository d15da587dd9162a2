"""Adding a relationship and changing its facts."""

import uuid
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Invalid
from surveyapp.extensions import db, transaction
from surveyapp.services import organisations, relationships
from surveyapp.services.editing import ChangedMeanwhile
from surveyapp.web import guards
from surveyapp.web.forms.cells import Difference, blame
from surveyapp.web.forms.relationships import NewRelationshipForm, RelationshipForm
from surveyapp.web.guards import requires
from surveyapp.web.relationships import pages
from surveyapp.web.relationships.pages import blueprint


@blueprint.get("/new")
@requires("accounts.edit")
def new() -> str:
    """Offer a form for a relationship of two organisations that are there."""
    named = {name: request.args.get(name, "")[:300] for name in ("buyer", "supplier")}
    return _new_page(NewRelationshipForm(formdata=None, data=named))


@blueprint.post("/new")
@requires("accounts.edit")
def create() -> Response | tuple[str, int]:
    """Add a relationship."""
    form = NewRelationshipForm()
    _offer(form)
    if not form.validate():
        return _new_page(form), 422
    programme, by = guards.programme(), guards.actor().by
    try:
        with transaction() as session:
            buyer = organisations.named(session, programme, form.buyer.value, field="buyer")
            supplier = organisations.named(
                session, programme, form.supplier.value, field="supplier"
            )
            made = relationships.create(
                session, programme, buyer, supplier, form.facts(), by=by, at=utcnow()
            )
    except Invalid as error:
        blame(form, error)
        return _new_page(form), 422
    flash(_("The relationship is there. Now add who stands in it."))
    return redirect(url_for("relationships.show", relationship_id=made.id), 303)


@blueprint.get("/<uuid:relationship_id>/edit")
@requires("accounts.edit")
def edit(relationship_id: uuid.UUID) -> str:
    """Offer a form for the facts of a relationship."""
    found = pages.find(db.session(), relationship_id)
    return _edit_page(relationship_id, RelationshipForm.of(relationships.facts_of(found)))


@blueprint.post("/<uuid:relationship_id>/edit")
@requires("accounts.edit")
def change(relationship_id: uuid.UUID) -> Response | tuple[str, int]:
    """Change the facts, unless somebody else has done so since the page was opened."""
    form = RelationshipForm()
    pages.find(db.session(), relationship_id)
    _offer(form)
    if not form.validate():
        return _edit_page(relationship_id, form), 422
    try:
        with transaction() as session:
            relationships.edit(
                session,
                guards.programme(),
                pages.find(session, relationship_id),
                form.facts(),
                seen=form.seen.data or "",
                by=guards.actor().by,
                at=utcnow(),
            )
    except ChangedMeanwhile as error:
        return _edit_page(relationship_id, form, form.take(error)), 409
    except Invalid as error:
        blame(form, error)
        return _edit_page(relationship_id, form), 422
    flash(_("Saved."))
    return redirect(url_for("relationships.show", relationship_id=relationship_id), 303)


def _offer(form: RelationshipForm) -> None:
    form.offer(relationships.possible_managers(db.session(), guards.programme()))


def _new_page(form: NewRelationshipForm) -> str:
    _offer(form)
    return render_template("relationships/new.html", form=form, suggested=pages.suggested())


def _edit_page(
    relationship_id: uuid.UUID, form: RelationshipForm, differences: Sequence[Difference] = ()
) -> str:
    _offer(form)
    return render_template(
        "relationships/edit.html",
        relationship=pages.find(db.session(), relationship_id),
        form=form,
        differences=differences,
    )
