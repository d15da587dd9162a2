"""Importing observations: upload, look, store; and withdrawing a batch in error."""

import uuid
from collections.abc import Sequence
from typing import Final, NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Conflict, ImportRefused, Invalid, Problem
from surveyapp.extensions import csrf, db, state, transaction
from surveyapp.services import kpi_files, kpi_import, kpis
from surveyapp.services.import_problems import grouped
from surveyapp.services.kpi_import import Preview
from surveyapp.services.kpi_sheets import Parsed
from surveyapp.web import guards
from surveyapp.web.forms.kpis import CommitForm, FactsFileForm
from surveyapp.web.guards import requires
from surveyapp.web.kpis.pages import blueprint
from surveyapp.web.listing import asked_page

MAX_UPLOAD: Final = 21 * 1024 * 1024
_SALT: Final = "facts-file"
_KEPT_SECONDS: Final = 24 * 60 * 60
_GROUPS: Final = 100
_CELLS: Final = 8


class Upload(NamedTuple):
    """A file that was read and kept, between looking at it and storing it."""

    programme_id: str
    key: str
    name: str


@blueprint.get("/imports")
@requires("accounts.import")
def imports() -> str:
    """List what came in so far, beside a form for a file."""
    return _imports(FactsFileForm(formdata=None), [])


@blueprint.post("/imports")
@requires("accounts.import")
def upload() -> Response | tuple[str, int]:
    """Read a file and keep it until somebody has looked at what it would do.

    The token is checked here and not before (see ``web.register``): only once the asker is known
    to be an owner may the body be as large as this.
    """
    request.max_content_length = MAX_UPLOAD
    form = FactsFileForm(formdata=None)
    try:
        csrf.protect()
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            form.file.errors = [_("Choose a file.")]
            return _imports(form, []), 422
        key = kpi_files.keep(state().store, sent.read(), sent.filename)
    except RequestEntityTooLarge:
        form.file.errors = [_("The file is too large: at most 20 MB. Split it.")]
        return _imports(form, []), 413
    except Invalid as error:
        form.file.errors = [str(error)]
        return _imports(form, error.problems), 422
    kept = Upload(str(guards.programme().id), key, sent.filename)
    return redirect(url_for("kpis.check", upload=_serializer().dumps(kept)), 303)


@blueprint.get("/imports/check")
@requires("accounts.import")
def check() -> str | Response:
    """Say what an import would do, or everything that stands in its way."""
    kept = _kept(request.args.get("upload", ""))
    if kept is None:
        return _expired()
    parsed = _parsed(kept)
    seen = kpi_import.preview(db.session(), guards.programme(), parsed, at=utcnow())
    return _check(kept, seen)


@blueprint.post("/imports/check")
@requires("accounts.import")
def commit() -> Response | tuple[str, int]:
    """Store the file, checked again."""
    kept = _kept(CommitForm().upload.data or "")
    if kept is None:
        return _expired()
    parsed = _parsed(kept)
    try:
        with transaction() as session:
            by = guards.actor().by
            done = kpi_import.commit(session, guards.programme(), parsed, by=by, at=utcnow())
    except ImportRefused as error:
        return _check(kept, Preview(error.problems, [])), 422
    adds = done.preview.adds
    if adds:
        flash(ngettext("%(num)s value is stored.", "%(num)s values are stored.", adds))
    else:
        flash(_("Every value was stored already. Nothing was added."))
    return redirect(url_for("kpis.index"), 303)


@blueprint.get("/imports/<uuid:kpi_batch_id>/withdraw")
@requires("accounts.import")
def ask_withdraw(kpi_batch_id: uuid.UUID) -> str:
    """Say what withdrawing does before it is done."""
    batch = kpi_import.find(db.session(), guards.programme(), kpi_batch_id)
    return render_template("kpis/withdraw.html", batch=batch)


@blueprint.post("/imports/<uuid:kpi_batch_id>/withdraw")
@requires("accounts.import")
def withdraw(kpi_batch_id: uuid.UUID) -> Response:
    """Take a batch out of every reading from now on."""
    try:
        with transaction() as session:
            programme, by = guards.programme(), guards.actor().by
            count = kpi_import.withdraw(session, programme, kpi_batch_id, by=by, at=utcnow())
    except Conflict as error:
        flash(str(error))
    else:
        flash(ngettext("%(num)s value is withdrawn.", "%(num)s values are withdrawn.", count))
    return redirect(url_for("kpis.imports"), 303)


def _imports(form: FactsFileForm, problems: Sequence[Problem]) -> str:
    programme = guards.programme()
    return render_template(
        "kpis/imports.html",
        form=form,
        problems=problems[:_GROUPS],
        more=len(problems) - _GROUPS,
        page=kpi_import.listed(db.session(), programme, number=asked_page()),
        kpis=[each for each in kpis.listed(db.session(), programme) if not each.formula],
    )


def _check(kept: Upload, seen: Preview) -> str:
    groups = grouped(seen.problems, cells=_CELLS)
    named = {each.slug: each.name for each in kpis.listed(db.session(), guards.programme())}
    return render_template(
        "kpis/check.html",
        name=kept.name,
        seen=seen,
        groups=groups[:_GROUPS],
        more=len(groups) - _GROUPS,
        named=named,
        upload=_serializer().dumps(kept),
    )


def _parsed(kept: Upload) -> Parsed:
    table = kpi_files.kept(state().store, kept.key, kept.name)
    return kpi_import.parse(db.session(), guards.programme(), table)


def _kept(token: str) -> Upload | None:
    """Return the file a token stands for; None when it is too old, or another programme's."""
    try:
        kept = Upload(*_serializer().loads(token, max_age=_KEPT_SECONDS))
    except BadSignature:
        return None
    return kept if kept.programme_id == str(guards.programme().id) else None


def _expired() -> Response:
    flash(_("Upload the file again: it is no longer kept."))
    return redirect(url_for("kpis.imports"), 303)


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(state().settings.secret_key, salt=_SALT)
