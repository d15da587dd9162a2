"""Reference sets on the web: one looked at, imported, retired."""

import uuid

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import ImportRefused
from surveyapp.extensions import db, transaction
from surveyapp.services import reference_sets
from surveyapp.web import guards
from surveyapp.web.forms.scoring import ReferenceForm
from surveyapp.web.guards import requires
from surveyapp.web.scoring.pages import blueprint


@blueprint.get("/references/import")
@requires("scoring.edit")
def new_reference() -> str:
    """Offer a field for the text of a set."""
    return render_template("scoring/import.html", form=ReferenceForm(formdata=None))


@blueprint.post("/references/import")
@requires("scoring.edit")
def import_reference() -> Response | tuple[str, int]:
    """Freeze a set, or say everything that is wrong with it."""
    form = ReferenceForm()
    if not form.validate():
        return render_template("scoring/import.html", form=form), 422
    try:
        with transaction() as session:
            made = reference_sets.import_set(
                session,
                guards.programme(),
                form.content.data or "",
                place=_("The set"),
                by=guards.actor().by,
                at=utcnow(),
            )
            reference_id, name = made.id, made.name
    except ImportRefused as error:
        form.content.errors = [str(problem) for problem in error.problems]
        return render_template("scoring/import.html", form=form), 422
    flash(_("%(name)s is frozen. The next runs are read against it.", name=name))
    return redirect(url_for("scoring.show_reference", reference_id=reference_id), 303)


@blueprint.get("/references/<uuid:reference_id>")
@requires("scoring.read")
def show_reference(reference_id: uuid.UUID) -> str:
    """Show what one set says of each dimension."""
    found = reference_sets.by_id(db.session(), guards.programme(), reference_id)
    rows = reference_sets.dimensions(found)
    return render_template("scoring/reference.html", reference=found, rows=rows)


@blueprint.post("/references/<uuid:reference_id>/retire")
@requires("scoring.edit")
def retire_reference(reference_id: uuid.UUID) -> Response:
    """Let no new run be read against a set."""
    with transaction() as session:
        found = reference_sets.by_id(session, guards.programme(), reference_id)
        reference_sets.retire(session, found, by=guards.actor().by, at=utcnow())
    flash(_("%(name)s is retired. Runs made with it stay as they are.", name=found.name))
    return redirect(url_for("scoring.index"), 303)
