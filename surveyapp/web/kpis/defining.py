"""Defining KPIs: from the catalogue or by hand; changed, retired, brought back."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Conflict, Invalid
from surveyapp.extensions import db, transaction
from surveyapp.models.kpis import KpiDefinition
from surveyapp.services import kpi_catalogue, kpis
from surveyapp.services.editing import ChangedMeanwhile
from surveyapp.web import guards
from surveyapp.web.forms.cells import Difference, blame
from surveyapp.web.forms.kpis import KpiForm, NewKpiForm
from surveyapp.web.guards import requires
from surveyapp.web.kpis.pages import blueprint


@blueprint.get("/catalogue")
@requires("accounts.import")
def catalogue() -> str:
    """Offer what is ready to use."""
    return _catalogue([])


@blueprint.post("/catalogue")
@requires("accounts.import")
def adopt() -> Response | tuple[str, int]:
    """Define what was ticked, all or nothing."""
    wanted = [slug for slug in kpi_catalogue.catalogue() if slug in request.form.getlist("slug")]
    if not wanted:
        return _catalogue([_("Tick at least one KPI.")]), 422
    try:
        with transaction() as session:
            programme, by = guards.programme(), guards.actor().by
            for slug in wanted:
                ready = kpi_catalogue.find(slug)
                kpis.create(session, programme, ready.facts, by=by, at=utcnow())
    except Invalid as error:
        return _catalogue([problem.message for problem in error.problems]), 422
    flash(
        ngettext(
            "%(num)s KPI is defined. Import its values next.",
            "%(num)s KPIs are defined. Import their values next.",
            len(wanted),
        )
    )
    return redirect(url_for("kpis.index"), 303)


@blueprint.get("/new")
@requires("accounts.import")
def new() -> str:
    """Offer an empty form."""
    usual = {"window_days": "365", "half_life_days": "365", "aggregation": "rate"}
    return _form(NewKpiForm(formdata=None, data=usual), None)


@blueprint.post("/new")
@requires("accounts.import")
def create() -> Response | tuple[str, int]:
    """Define a KPI by hand."""
    form = NewKpiForm()
    if not form.validate():
        return _form(form, None), 422
    try:
        with transaction() as session:
            facts = form.facts(form.slug.value)
            programme, by = guards.programme(), guards.actor().by
            made = kpis.create(session, programme, facts, by=by, at=utcnow())
    except Invalid as error:
        blame(form, error)
        return _form(form, None), 422
    flash(_("%(name)s is defined.", name=made.name))
    return redirect(url_for("kpis.show", kpi=made.slug), 303)


@blueprint.get("/kpis/<kpi>/edit")
@requires("accounts.import")
def edit(kpi: str) -> str:
    """Show a KPI's definition to be changed."""
    definition = kpis.find(db.session(), guards.programme(), kpi)
    return _form(KpiForm.of(kpis.facts_of(definition)), definition)


@blueprint.post("/kpis/<kpi>/edit")
@requires("accounts.import")
def change(kpi: str) -> Response | tuple[str, int]:
    """Change a KPI, unless somebody else has done so since the page was opened."""
    form = KpiForm()
    definition = kpis.find(db.session(), guards.programme(), kpi)
    if not form.validate():
        return _form(form, definition), 422
    try:
        with transaction() as session:
            programme = guards.programme()
            kpis.edit(
                session,
                programme,
                kpis.find(session, programme, kpi),
                form.facts(kpi),
                seen=form.seen.data or "",
                by=guards.actor().by,
                at=utcnow(),
            )
    except ChangedMeanwhile as error:
        return _form(form, definition, form.take(error)), 409
    except Invalid as error:
        blame(form, error)
        return _form(form, definition), 422
    except Conflict as error:
        form.form_errors.append(str(error))
        return _form(form, definition), 409
    flash(_("Saved. Scores that were made keep the definition they used."))
    return redirect(url_for("kpis.show", kpi=kpi), 303)


@blueprint.post("/kpis/<kpi>/retire")
@requires("accounts.import")
def retire(kpi: str) -> Response:
    """Stop using a KPI."""
    try:
        with transaction() as session:
            programme, by = guards.programme(), guards.actor().by
            found = kpis.find(session, programme, kpi)
            kpis.retire(session, programme, found, by=by, at=utcnow())
    except Conflict as error:
        flash(str(error))
        return redirect(url_for("kpis.show", kpi=kpi), 303)
    flash(_("%(name)s is retired. Its values are kept.", name=found.name))
    return redirect(url_for("kpis.index"), 303)


@blueprint.post("/kpis/<kpi>/restore")
@requires("accounts.import")
def restore(kpi: str) -> Response:
    """Use a retired KPI again."""
    try:
        with transaction() as session:
            programme, by = guards.programme(), guards.actor().by
            found = kpis.find(session, programme, kpi)
            kpis.restore(session, programme, found, by=by, at=utcnow())
    except Conflict as error:
        flash(str(error))
    except Invalid as error:
        flash(" ".join(problem.message for problem in error.problems))
    else:
        flash(_("%(name)s is in use again.", name=found.name))
    return redirect(url_for("kpis.show", kpi=kpi), 303)


def _catalogue(errors: Sequence[str]) -> str:
    defined = {
        each.slug for each in kpis.listed(db.session(), guards.programme(), with_retired=True)
    }
    families: dict[str, list[kpi_catalogue.Ready]] = {}
    for ready in kpi_catalogue.catalogue().values():
        families.setdefault(ready.facts.family.value, []).append(ready)
    return render_template(
        "kpis/catalogue.html",
        families=families,
        defined=defined,
        errors=errors,
        ticked=request.form.getlist("slug"),
    )


def _form(
    form: KpiForm, definition: KpiDefinition | None, differences: Sequence[Difference] = ()
) -> str:
    return render_template("kpis/form.html", form=form, kpi=definition, differences=differences)
