"""Changing the language on the way: what was typed is saved first, and the choice is kept."""

from typing import Final

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from surveyapp.errors import NotFound
from surveyapp.extensions import transaction
from surveyapp.services import reader_languages
from surveyapp.services.responses import Answering
from surveyapp.web import languages
from surveyapp.web.guards import public
from surveyapp.web.languages import Choice
from surveyapp.web.respond.addresses import blueprint
from surveyapp.web.respond.states import answering_or_refusal

_PAGES: Final = (
    "show_overview",
    "show_questions",
    "show_review",
    "show_receipt",
    "show_copy",
    "show_stopped",
    "show_contract",
)
"""The pages without questions, which hold nothing that could be lost."""


@blueprint.post("/<slug>/language/<page>")
@public("the browser's pass for this assignment is the key")
def switch(slug: str, page: str) -> Response:
    """Keep the language that was chosen and show the same page in it."""
    answering = answering_or_refusal(slug, even_answered=True)
    if page not in _PAGES:
        raise NotFound("There is no such page.")
    if language := asked_for(answering):
        keep(answering, language)
    if page == "show_questions":
        return redirect(url_for("respond.show_questions", key=slug), 303)
    return redirect(url_for(f"respond.{page}", slug=slug), 303)


def asked_for(answering: Answering) -> str:
    """Return the language whose button was pressed; empty when it was another button."""
    return languages.asked_for(_offered(answering), request.form)


def keep(answering: Answering, language: str) -> None:
    """Keep the language for this person's pages and mail."""
    with transaction() as session:
        reader_languages.choose(session, answering.assignment.slug, language)


def choices(answering: Answering) -> list[Choice]:
    """Return the languages of the switch."""
    return languages.choices(_offered(answering), answering.questionnaire.language)


def page() -> str:
    """Return which page to come back to after the switch."""
    name = (request.endpoint or "").rpartition(".")[2]
    # a post that was refused shows the page it came from
    name = "show_copy" if name == "make_copy" else name
    return name if name in _PAGES else "show_review"


def _offered(answering: Answering) -> list[str]:
    return reader_languages.offered(answering.assignment.questionnaire_version)
