"""What was sent, given back to whoever sent it: the receipt's facts and the copy to keep."""

import json

from flask import render_template

from surveyapp.clock import utcnow
from surveyapp.errors import NotFound
from surveyapp.extensions import db
from surveyapp.models.responses import Response
from surveyapp.models.waves import WaveState
from surveyapp.questionnaires import rules
from surveyapp.questionnaires.definition import Anonymity
from surveyapp.services import contract, submissions
from surveyapp.services.responses import Answering
from surveyapp.web.respond import review_page
from surveyapp.web.respond.section_page import frame


def last(answering: Answering) -> Response | None:
    """Return what was sent last."""
    return submissions.last(db.session(), answering.assignment)


def can_correct(answering: Answering) -> bool:
    """Tell whether what was sent may be taken up and changed now."""
    return submissions.can_correct(answering.assignment, answering.questionnaire, at=utcnow())


def has_copy(answering: Answering) -> bool:
    """Tell whether what was sent may still be shown: of an anonymous wave not after its close."""
    is_over = utcnow() >= answering.wave.closes_at or answering.wave.state == WaveState.CLOSED
    return not (is_over and answering.questionnaire.anonymity is Anonymity.ANONYMOUS)


def render_copy(answering: Answering) -> str:
    """Render the copy. Raises NotFound where nothing was sent, or nobody can tell any more what."""
    sent = last(answering)
    if sent is None or not has_copy(answering):
        raise NotFound("There is no such page.")
    questionnaire = answering.questionnaire
    path = rules.path(questionnaire, json.loads(sent.answers_json), answering.sources)
    severed = {item.id for item in contract.anonymous_items(questionnaire)}
    if answering.wave.severed_at is None:
        severed = set()
    return render_template(
        "respond/copy.html",
        **frame(answering),
        parts=review_page.parts(questionnaire, path, without=severed),
        is_severed=bool(severed),
        sent=sent,
    )
