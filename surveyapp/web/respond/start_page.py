"""What the start page and the overview say about everything one link asks."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from surveyapp.clock import utcnow
from surveyapp.delivery import prose
from surveyapp.extensions import db
from surveyapp.models.invitations import Assignment
from surveyapp.models.waves import View
from surveyapp.questionnaires import rules
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.values import Sources
from surveyapp.questionnaires.wording import addressed
from surveyapp.services import definitions, facts, links, reader_languages, responses
from surveyapp.services.invitations import Opened
from surveyapp.services.responses import Answering
from surveyapp.web import languages
from surveyapp.web.respond import addresses, terms
from surveyapp.web.respond.progress import is_passed, path_of


@dataclass(frozen=True, slots=True)
class Subject:
    """One assignment of a link: about whom, how far, and where to go on."""

    them: str
    sent_at: datetime | None
    is_sent: bool
    """Nothing is left to do; False also while what was sent is being changed."""
    how_far: str
    url: str


def render(opened: Opened, *, token: str) -> str:
    """Render the start page; it holds nothing but what the invitation itself says."""
    assignments = sorted(opened.assignments, key=lambda each: them(opened, each))
    names = links.names_for(opened.wave, assignments[0].relationship)
    spoken = language(opened)
    questionnaire = addressed(definitions.load(assignments[0].questionnaire_version, spoken), names)
    is_alone = len(assignments) == 1
    return render_template(
        "respond/start.html",
        title=questionnaire.title if is_alone else _("How are these relationships going?"),
        introduction=questionnaire.introduction if is_alone else None,
        content_language=questionnaire.language,
        asker=opened.programme.asker,
        data_note=opened.programme.data_note,
        contact=opened.contact,
        names=names,
        is_self_view=opened.wave.view == View.SUPPLIER_ON_ITSELF,
        others=[(them(opened, each), each.submitted_at) for each in assignments],
        length=_length(
            questionnaire,
            facts.asked(
                db.session(),
                questionnaire,
                assignments[0],
                assignments[0].relationship,
                at=utcnow(),
            ),
            is_alone=is_alone,
        ),
        wave=opened.wave,
        since_last=prose.parse(opened.wave.since_last),
        terms=terms.of(opened.wave, opened.programme, questionnaire),
        readers=terms.readers(questionnaire),
        token=token,
        languages=languages.at_link(opened.wave),
        chosen_language="" if spoken == reader_languages.of(opened.invitation) else spoken,
        is_started=opened.invitation.started_at is not None,
    )


def speak(opened: Opened) -> None:
    """Speak the language of the start page from here on."""
    spoken = language(opened)
    questionnaire = definitions.load(opened.wave.questionnaire_version, spoken)
    languages.speak_as(questionnaire, spoken)


def chosen_language(opened: Opened) -> str:
    """Return the language that was chosen before Start was pressed, if any."""
    offered = reader_languages.offered(opened.wave.questionnaire_version)
    return languages.asked_for(offered, request.form)


def language(opened: Opened) -> str:
    """Return what the pages of a link speak before anything is chosen on them."""
    offered = reader_languages.offered(opened.wave.questionnaire_version)
    return languages.at_first(opened.invitation, offered)


def them(opened: Opened, assignment: Assignment) -> str:
    """Return the other company of one assignment."""
    return links.companies_of(opened.wave, assignment.relationship)["them"]


def _length(questionnaire: Questionnaire, sources: Sources, *, is_alone: bool) -> str:
    minutes = ngettext("1 minute", "%(num)d minutes", questionnaire.minutes)
    pages = rules.path(questionnaire, {}, sources).pages
    sections = ngettext("1 short section", "%(num)d short sections", len(pages))
    length = (
        _("About %(minutes)s, %(sections)s.", minutes=minutes, sections=sections)
        if is_alone
        else _("About %(minutes)s for each, %(sections)s.", minutes=minutes, sections=sections)
    )
    return str(length)


def subjects(answering: Answering) -> list[Subject]:
    """Describe every assignment of the same invitation."""
    at = utcnow()
    slugs = responses.slugs_of(db.session(), answering.invitation)
    here = answering.assignment.slug
    others = (responses.answering(db.session(), slug, at=at) for slug in slugs if slug != here)
    return sorted(map(_subject, (answering, *others)), key=lambda subject: subject.them)


def _subject(answering: Answering) -> Subject:
    pages = path_of(answering).pages
    saved = sum(is_passed(answering, page.section.id) for page in pages)
    return Subject(
        them=links.companies_of(answering.wave, answering.relationship)["them"],
        sent_at=answering.assignment.submitted_at,
        is_sent=answering.status == "answered",
        how_far=_("%(saved)d of %(all)d sections saved", saved=saved, all=len(pages)),
        url=addresses.receipt(answering)
        if answering.status == "answered"
        else addresses.next_open(answering),
    )
