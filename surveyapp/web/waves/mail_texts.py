"""What a wave's mails say: read as their readers will, changed in each language, given back."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Invalid, NotFound
from surveyapp.extensions import db, state, transaction
from surveyapp.models.people import User
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import mail, mail_texts
from surveyapp.services.mail_texts import Text
from surveyapp.web import guards
from surveyapp.web.forms.waves import TextForm
from surveyapp.web.guards import requires
from surveyapp.web.waves import mail_preview, pages, wording
from surveyapp.web.waves.mail_preview import Preview
from surveyapp.web.waves.pages import blueprint

NAMES: Final[Mapping[str, LazyString]] = MappingProxyType(
    {"invitation": lazy_gettext("Invitation"), "reminder": lazy_gettext("Reminder")}
)
PLACEHOLDERS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "name": lazy_gettext("the reader's name"),
        "asker": lazy_gettext("the company that asks"),
        "them": lazy_gettext("whom the questions are about"),
        "title": lazy_gettext("the questionnaire's title"),
        "minutes": lazy_gettext("how long it takes, such as 6 minutes"),
        "last_day": lazy_gettext("the last day for answers"),
        "link": lazy_gettext("the reader's own link; must be in the text"),
        "contract": lazy_gettext("who sees the answers; must be in the text"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one text stands: which mail, which language."""

    template: str
    locale: str
    name: str
    language: str


@blueprint.get("/waves/<wave>/texts")
@requires("waves.read")
def texts(wave: str) -> str:
    """Show every mail in every language it is read in."""
    session, found = db.session(), pages.find(db.session(), wave)
    base_url = state().settings.base_url
    return render_template(
        "waves/texts.html",
        wave=found,
        tabs=pages.tabs(found),
        mails=[
            (template, name, mail_preview.all_of(session, found, template, base_url))
            for template, name in NAMES.items()
        ],
        wording=wording,
    )


@blueprint.get("/waves/<wave>/texts/<template>/<locale>")
@requires("waves.edit")
def text(wave: str, template: str, locale: str) -> str:
    """Show one text to be changed, beside what its reader sees."""
    found = pages.find(db.session(), wave)
    stored = mail_texts.text_of(db.session(), found, template, locale)
    form = TextForm(formdata=None, subject=stored.subject, body=stored.body)
    shown = mail_preview.one(db.session(), found, template, locale, state().settings.base_url)
    return _page(found, _place(template, locale), form, stored, shown)


@blueprint.post("/waves/<wave>/texts/<template>/<locale>")
@requires("waves.edit")
def save_text(wave: str, template: str, locale: str) -> Response | str | tuple[str, int]:
    """Store the text, or only show what it would look like."""
    form, found = TextForm(), pages.find(db.session(), wave)
    stored = mail_texts.text_of(db.session(), found, template, locale)
    subject, body = form.subject.data or "", form.body.data or ""
    try:
        if "preview" in request.form:
            shown = _preview(found, template, locale, subject, body)
            return _page(found, _place(template, locale), form, stored, shown)
        with transaction() as session:
            mail_texts.save(
                session,
                pages.find(session, wave),
                template=template,
                locale=locale,
                subject=subject,
                body=body,
                by=guards.actor().by,
                at=utcnow(),
            )
    except Invalid as error:
        _mark(form, error)
        return _page(found, _place(template, locale), form, stored, None), 422
    flash(_("The text is saved. Mails that go out from now on use it."))
    return redirect(url_for("waves.text", wave=wave, template=template, locale=locale), 303)


@blueprint.post("/waves/<wave>/texts/<template>/<locale>/reset")
@requires("waves.edit")
def reset_text(wave: str, template: str, locale: str) -> Response:
    """Give a mail its ready text back."""
    with transaction() as session:
        found = pages.find(session, wave)
        mail_texts.reset(
            session,
            found,
            template=template,
            locale=locale,
            by=guards.actor().by,
            at=utcnow(),
        )
    flash(_("The mail has its ready text again."))
    return redirect(url_for("waves.text", wave=wave, template=template, locale=locale), 303)


@blueprint.post("/waves/<wave>/texts/<template>/<locale>/test")
@requires("waves.edit")
def send_test(wave: str, template: str, locale: str) -> Response:
    """Send a mail, as it stands stored, to whoever asks."""
    mail_texts.text_of(db.session(), pages.find(db.session(), wave), template, locale)
    with transaction() as session:
        mail.queue_for_user(
            session,
            session.get_one(User, guards.actor().user_id),
            step=f"test-{template}",
            programme=guards.programme(),
            wave=pages.find(session, wave),
            locale=locale,
            at=utcnow(),
        )
    flash(_("A test mail is on its way to %(email)s.", email=guards.actor().email))
    if request.form.get("back") == "check":
        return redirect(url_for("waves.check", wave=wave), 303)
    return redirect(url_for("waves.text", wave=wave, template=template, locale=locale), 303)


def _place(template: str, locale: str) -> Place:
    if template not in NAMES:
        raise NotFound(f"There is no mail {template!r}.")
    name, language = str(NAMES[template]), wording.language_name(locale)
    return Place(template=template, locale=locale, name=name, language=language)


def _preview(wave: Wave, template: str, locale: str, subject: str, body: str) -> Preview:
    rendered = mail_texts.preview(
        db.session(),
        wave,
        template=template,
        locale=locale,
        base_url=state().settings.base_url,
        subject=subject,
        body=body,
    )
    return mail_preview.of(rendered, locale=locale, is_own=True)


def _mark(form: TextForm, error: Invalid) -> None:
    """Set what is wrong beside the field it is about, all of it at once."""
    for field in (form.subject, form.body):
        said = [problem.message for problem in error.problems if problem.place == field.name]
        field.errors = [" ".join(said)] if said else []
    if not error.problems:
        form.form_errors.append(str(error))


def _page(wave: Wave, place: Place, form: TextForm, stored: Text, shown: Preview | None) -> str:
    return render_template(
        "waves/text.html",
        wave=wave,
        tabs=pages.tabs(wave),
        place=place,
        form=form,
        stored=stored,
        shown=shown,
        is_shown_only=request.method == "POST" and shown is not None,
        placeholders=PLACEHOLDERS,
        is_closed=wave.state == WaveState.CLOSED,
    )
