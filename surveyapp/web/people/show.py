"""One person: the parts they play, the waves they were asked in, whether mail may go to them."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

from babel import Locale
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from surveyapp.clock import today, utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Contact
from surveyapp.models.programmes import Programme
from surveyapp.services import contact_invitations, contacts, relationships, stakeholders
from surveyapp.services.wave_names import function_name
from surveyapp.web import guards
from surveyapp.web.filters import reader_locale
from surveyapp.web.forms.people import ReasonForm
from surveyapp.web.guards import requires
from surveyapp.web.people import pages
from surveyapp.web.people.pages import blueprint


class _Mark(Protocol):
    def __call__(
        self,
        session: Session,
        programme: Programme,
        contact: Contact,
        *,
        reason: str,
        by: str,
        at: datetime,
    ) -> None: ...


_MARKS: Final[Mapping[str, _Mark]] = {
    "opted-out": contacts.opt_out,
    "opted-in": contacts.opt_in,
    "bounced": contacts.note_bounce,
    "works": contacts.clear_bounce,
}


@blueprint.get("/<uuid:contact_id>")
@requires("accounts.read")
def show(contact_id: uuid.UUID) -> str:
    """Show one person."""
    return _page(contact_id)


@blueprint.post("/<uuid:contact_id>/<any('opted-out', 'opted-in', 'bounced', 'works'):step>")
@requires("accounts.edit")
def mark(contact_id: uuid.UUID, step: str) -> Response | tuple[str, int]:
    """Note that somebody opted out or in, that their mail came back, or that it arrives again."""
    form = ReasonForm(prefix=step)
    if not form.validate():
        return _page(contact_id, **{step: form}), 422
    with transaction() as session:
        _MARKS[step](
            session,
            guards.programme(),
            pages.find(session, contact_id),
            reason=form.reason.value,
            by=guards.actor().by,
            at=utcnow(),
        )
    flash(_("Noted."))
    return redirect(url_for("people.show", contact_id=contact_id), 303)


def _page(contact_id: uuid.UUID, **posted: ReasonForm) -> str:
    programme, actor = guards.programme(), guards.actor()
    contact = pages.find(db.session(), contact_id)
    parts = contacts.parts_of(db.session(), programme, contact, actor=actor)
    forms = {step: posted.get(step) or ReasonForm(formdata=None, prefix=step) for step in _MARKS}
    return render_template(
        "people/show.html",
        contact=contact,
        language=_language(contact.locale),
        parts=[(part, stakeholders.has_ended(part, today())) for part in parts],
        asked=contact_invitations.of_contact(db.session(), programme, contact, actor=actor),
        forms=forms,
        has_errors=any(form.errors for form in forms.values()),
        narrowing_of=relationships.narrowing,
        function_name=function_name,
    )


def _language(tag: str) -> str:
    """Name a language in the reader's."""
    return Locale.parse(tag, sep="-").get_display_name(reader_locale()) or tag
