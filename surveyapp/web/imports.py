"""Importing accounts step by step: files, tables, columns, check; then done, or undone."""

import uuid
from collections.abc import Sequence
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import ImportRefused, Invalid, Problem
from surveyapp.extensions import csrf, db, state, transaction
from surveyapp.models.imports import ImportBatch, ImportState
from surveyapp.services import (
    account_import,
    import_batches,
    import_columns,
    import_files,
    import_undo,
)
from surveyapp.services.account_import import Preview
from surveyapp.services.account_sheets import COLUMNS, Sheet
from surveyapp.services.import_problems import grouped
from surveyapp.tabular.writing import as_csv
from surveyapp.web import guards
from surveyapp.web.forms.imports import KINDS, ColumnsForm, SheetsForm, UploadForm
from surveyapp.web.guards import requires
from surveyapp.web.listing import asked_page

blueprint = Blueprint("imports", __name__, url_prefix="/p/<programme>/imports")
MAX_UPLOAD: Final = 40 * 1024 * 1024
"""Of one request; the other pages' limit is in app.py."""
_GROUPS: Final = 100
"""Different sentences on the page; all of them are in the file beside it."""
_CELLS: Final = 8


@blueprint.get("")
@requires("accounts.import")
def index() -> str:
    """List the imports so far beside a form to begin one."""
    return _index(UploadForm(formdata=None), [])


@blueprint.post("")
@requires("accounts.import")
def upload() -> Response | tuple[str, int]:
    """Keep the files and guess what they hold.

    The token is checked here and not before (see ``web.register``): only once the asker is known
    to be an owner may the body be as large as this.
    """
    request.max_content_length = MAX_UPLOAD
    form = UploadForm(formdata=None)
    try:
        csrf.protect()
        known = import_columns.remembered(db.session(), guards.programme())
        files = import_files.receive(state().store, _sent(), known)
    except RequestEntityTooLarge:
        form.files.errors = [_("These files are too large: together at most 40 MB. Split them.")]
        return _index(form, []), 413
    except Invalid as error:
        form.files.errors = [str(error)]
        return _index(form, error.problems), 422
    with transaction() as session:
        batch = import_batches.create(
            session, guards.programme(), files, by=guards.actor().by, at=utcnow()
        )
    return redirect(url_for("imports.sheets", batch_id=batch.id), 303)


@blueprint.get("/templates/<sheet>.csv")
@requires("accounts.import")
def template(sheet: str) -> Response:
    """Send an empty file with the right headings."""
    if sheet not in set(Sheet):
        abort(404)
    headings = [column.name.replace("_", " ") for column in COLUMNS[Sheet(sheet)]]
    return _csv(f"{sheet}.csv", headings, [])


@blueprint.get("/<uuid:batch_id>")
@requires("accounts.import")
def show(batch_id: uuid.UUID) -> str | Response:
    """Show what became of an import, or go on where it was left."""
    batch = _batch(batch_id)
    if batch.state == ImportState.UPLOADED:
        step = "imports.check" if import_batches.is_mapped(batch) else "imports.sheets"
        return redirect(url_for(step, batch_id=batch_id))
    return render_template("imports/show.html", batch=batch, kinds=KINDS)


@blueprint.get("/<uuid:batch_id>/sheets")
@requires("accounts.import")
def sheets(batch_id: uuid.UUID) -> str:
    """Ask what each table is."""
    batch = _open(batch_id)
    form = SheetsForm(import_files.parts_of(batch), is_sent=False)
    return render_template("imports/sheets.html", batch=batch, form=form)


@blueprint.post("/<uuid:batch_id>/sheets")
@requires("accounts.import")
def choose_sheets(batch_id: uuid.UUID) -> Response | tuple[str, int]:
    """Keep what each table is."""
    batch = _open(batch_id)
    form = SheetsForm(import_files.parts_of(batch), is_sent=True)
    try:
        with transaction() as session:
            found = import_batches.find(session, guards.programme(), batch_id)
            import_batches.choose_sheets(session, found, form.chosen())
    except Invalid as error:
        form.form.form_errors = [str(error)]
        return render_template("imports/sheets.html", batch=batch, form=form), 422
    return redirect(url_for("imports.columns", batch_id=batch_id), 303)


@blueprint.get("/<uuid:batch_id>/columns")
@requires("accounts.import")
def columns(batch_id: uuid.UUID) -> str:
    """Ask which heading stands for which column; last time's choice, or the best guess, is set."""
    return _columns(_open(batch_id), is_sent=False)[0]


@blueprint.post("/<uuid:batch_id>/columns")
@requires("accounts.import")
def choose_columns(batch_id: uuid.UUID) -> Response | tuple[str, int]:
    """Keep which heading stands for which column."""
    page, form = _columns(_open(batch_id), is_sent=True)
    if form.form.errors:
        return page, 422
    with transaction() as session:
        programme = guards.programme()
        batch = import_batches.find(session, programme, batch_id)
        import_batches.choose_columns(session, programme, batch, form.chosen(), at=utcnow())
    return redirect(url_for("imports.check", batch_id=batch_id), 303)


@blueprint.get("/<uuid:batch_id>/check")
@requires("accounts.import")
def check(batch_id: uuid.UUID) -> str | Response:
    """Say what the import would do, or everything that stands in its way."""
    batch = _open(batch_id)
    if not import_batches.is_mapped(batch):
        return redirect(url_for("imports.sheets", batch_id=batch_id))
    return _check(batch, _preview(batch))


@blueprint.get("/<uuid:batch_id>/problems.csv")
@requires("accounts.import")
def problems(batch_id: uuid.UUID) -> Response:
    """Send every problem as a file."""
    found = _preview(_open(batch_id)).problems
    rows = [(problem.place, problem.message) for problem in found]
    return _csv("problems.csv", [_("Place"), _("Problem")], rows)


@blueprint.post("/<uuid:batch_id>/commit")
@requires("accounts.import")
def commit(batch_id: uuid.UUID) -> Response | tuple[str, int]:
    """Store everything, checked again; a second click finds it done."""
    batch = _batch(batch_id)
    if batch.state == ImportState.COMMITTED:
        return redirect(url_for("imports.show", batch_id=batch_id), 303)
    import_batches.require_open(batch)
    parsed = import_batches.parse(state().store, batch)
    programme, by = guards.programme(), guards.actor().by
    planned = account_import.plan(db.session(), programme, parsed)
    try:
        with transaction() as session:
            import_batches.commit(
                session, programme, batch, parsed, planned=planned, by=by, at=utcnow()
            )
    except ImportRefused as error:
        seen = Preview(error.problems, [], {})
        return _check(batch, seen, is_refused=True), 422
    flash(_("The import is done."))
    return redirect(url_for("imports.show", batch_id=batch_id), 303)


@blueprint.post("/<uuid:batch_id>/discard")
@requires("accounts.import")
def discard(batch_id: uuid.UUID) -> Response:
    """Put an import away that is not done."""
    with transaction() as session:
        batch = import_batches.find(session, guards.programme(), batch_id)
        by = guards.actor().by
        import_batches.discard(session, guards.programme(), batch, by=by, at=utcnow())
    flash(_("The import is discarded. Nothing of it was stored."))
    return redirect(url_for("imports.index"), 303)


@blueprint.get("/<uuid:batch_id>/undo")
@requires("accounts.import")
def undo(batch_id: uuid.UUID) -> str | Response:
    """Say what undoing would do, or why it cannot be done."""
    batch = _batch(batch_id)
    if batch.state != ImportState.COMMITTED:
        return redirect(url_for("imports.show", batch_id=batch_id))
    return _undo(batch)


@blueprint.get("/<uuid:batch_id>/undo.csv")
@requires("accounts.import")
def reasons(batch_id: uuid.UUID) -> Response:
    """Send every reason why it cannot be undone as a file."""
    found = import_undo.look(db.session(), _batch(batch_id)).reasons
    rows = [(reason.place, reason.message) for reason in found]
    return _csv("reasons.csv", [_("Row"), _("Reason")], rows)


@blueprint.post("/<uuid:batch_id>/undo")
@requires("accounts.import")
def take_back(batch_id: uuid.UUID) -> Response | tuple[str, int]:
    """Undo the import as a whole."""
    try:
        with transaction() as session:
            by = guards.actor().by
            import_undo.undo(session, guards.programme(), batch_id, by=by, at=utcnow())
    except ImportRefused:
        return _undo(_batch(batch_id)), 409
    flash(_("The import is undone."))
    return redirect(url_for("imports.show", batch_id=batch_id), 303)


def _sent() -> list[tuple[str, bytes]]:
    """Read the files; those of some size lie in temporary ones, which are let go."""
    sent = []
    for file in request.files.getlist("files"):
        if file.filename:
            sent.append((file.filename, file.read()))
        file.close()
    return sent


def _batch(batch_id: uuid.UUID) -> ImportBatch:
    return import_batches.find(db.session(), guards.programme(), batch_id)


def _open(batch_id: uuid.UUID) -> ImportBatch:
    batch = _batch(batch_id)
    import_batches.require_open(batch)
    return batch


def _preview(batch: ImportBatch) -> Preview:
    parsed = import_batches.parse(state().store, batch)
    return import_batches.preview(db.session(), guards.programme(), parsed)


def _index(form: UploadForm, problems: Sequence[Problem]) -> str:
    return render_template(
        "imports/index.html",
        page=import_batches.listed(db.session(), guards.programme(), number=asked_page()),
        form=form,
        problems=problems,
        kinds=KINDS,
    )


def _columns(batch: ImportBatch, *, is_sent: bool) -> tuple[str, ColumnsForm]:
    parts = import_files.chosen_parts(batch)
    chosen = import_batches.columns_of(db.session(), guards.programme(), batch)
    form = ColumnsForm(parts, chosen, is_sent=is_sent)
    if is_sent:
        form.validate()
    page = render_template("imports/columns.html", batch=batch, form=form, parts=parts, kinds=KINDS)
    return page, form


def _check(batch: ImportBatch, seen: Preview, *, is_refused: bool = False) -> str:
    groups = grouped(seen.problems, cells=_CELLS)
    return render_template(
        "imports/check.html",
        batch=batch,
        seen=seen,
        groups=groups[:_GROUPS],
        more=len(groups) - _GROUPS,
        new=sum(counts.new for counts in seen.counts.values()),
        changed=sum(counts.changed for counts in seen.counts.values()),
        parts=import_files.chosen_parts(batch),
        is_refused=is_refused,
        kinds=KINDS,
    )


def _undo(batch: ImportBatch) -> str:
    seen = import_undo.look(db.session(), batch)
    return render_template("imports/undo.html", batch=batch, seen=seen, most=_GROUPS, kinds=KINDS)


def _csv(name: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Response:
    response = Response(as_csv(headings, rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
