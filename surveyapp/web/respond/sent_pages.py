"""What was sent, given back to whoever sent it: the receipt's facts and the copy to keep."""

import json
from typing import Final

from flask import render_template

from surveyapp.clock import utcnow
from surveyapp.errors import NotFound
from surveyapp.extensions import db
from surveyapp.models.responses import Response
from surveyapp.questionnaires import rules
from surveyapp.services import answer_copies, submissions
from surveyapp.services.responses import Answering
from surveyapp.web.respond import cookies, page_tokens, review_page
from surveyapp.web.respond.section_page import frame

NAME: Final = "copy"
"""What the page's token calls it."""


def last(answering: Answering) -> Response | None:
    """Return what was sent last."""
    return submissions.last(db.session(), answering.assignment)


def can_correct(answering: Answering) -> bool:
    """Tell whether what was sent may be taken up and changed now."""
    return submissions.can_correct(answering.assignment, answering.questionnaire, at=utcnow())


def has_copy(answering: Answering) -> bool:
    """Tell whether what was sent may still be shown: of an anonymous wave not after its close."""
    return answer_copies.may_be_shown(answering.wave, answering.questionnaire, at=utcnow())


def is_own(answering: Answering) -> bool:
    """Tell whether the person themselves sits here: no interviewer takes their copy away."""
    return cookies.entry(answering.assignment.slug).by is None


def render_copy(answering: Answering, *, is_unchecked: bool = False) -> str:
    """Render the copy. Raises NotFound where nothing was sent, or nobody can tell any more what."""
    sent = last(answering)
    if sent is None or not has_copy(answering):
        raise NotFound("There is no such page.")
    questionnaire = answering.questionnaire
    path = rules.path(questionnaire, json.loads(sent.answers_json), answering.sources)
    severed = answer_copies.left_out(answering.wave, questionnaire)
    return render_template(
        "respond/copy.html",
        **frame(answering),
        parts=review_page.parts(questionnaire, path, without=severed),
        is_severed=bool(severed),
        sent=sent,
        offer=answer_copies.offer(db.session(), answering, sent, at=utcnow()),
        is_unchecked=is_unchecked,
        page_token=page_tokens.make(answering.assignment.slug, NAME, version=0),
    )
