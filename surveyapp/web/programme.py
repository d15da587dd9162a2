"""A programme's rules: read by every member, changed by its owners."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Invalid
from surveyapp.extensions import transaction
from surveyapp.services import programme_rules, programmes
from surveyapp.services.editing import ChangedMeanwhile
from surveyapp.services.wave_names import function_in_sentence
from surveyapp.web import guards
from surveyapp.web.forms.cells import Difference, blame
from surveyapp.web.forms.programme import RulesForm
from surveyapp.web.guards import requires

blueprint = Blueprint("programme", __name__, url_prefix="/p/<programme>/rules")


@blueprint.get("")
@requires("programme.open")
def show() -> str:
    """Show what holds for the whole programme."""
    programme = guards.programme()
    expected = programme_rules.expected_of(programme)
    return render_template(
        "programme/show.html",
        programme=programme,
        expected={
            side: [function_in_sentence(each) for each in expected[side]] for side in expected
        },
    )


@blueprint.get("/edit")
@requires("programme.edit")
def edit() -> str:
    """Offer a form for the rules."""
    return _edit_page(RulesForm.of(programme_rules.facts_of(guards.programme())))


@blueprint.post("/edit")
@requires("programme.edit")
def change() -> Response | tuple[str, int]:
    """Change the rules, unless somebody else has since the page was opened."""
    form = RulesForm()
    if not form.validate():
        return _edit_page(form), 422
    try:
        with transaction() as session:
            programme_rules.edit(
                session,
                programmes.find(session, guards.programme().slug),
                form.facts(),
                seen=form.seen.data or "",
                by=guards.actor().by,
                at=utcnow(),
            )
    except ChangedMeanwhile as error:
        return _edit_page(form, form.take(error)), 409
    except Invalid as error:
        blame(form, error)
        return _edit_page(form), 422
    flash(_("Saved."))
    return redirect(url_for("programme.show"), 303)


def _edit_page(form: RulesForm, differences: Sequence[Difference] = ()) -> str:
    return render_template("programme/edit.html", form=form, differences=differences)
