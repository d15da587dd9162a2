"""What respondents are promised, for the start page, "Who sees what" and the foot of each page."""

from dataclasses import dataclass

from flask_babel import gettext as _

from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.definition import Anonymity, Questionnaire
from surveyapp.services import contract, disclosure_rules, wave_cuts
from surveyapp.services.disclosure_rules import Minimums
from surveyapp.services.wave_cuts import Cut


@dataclass(frozen=True, slots=True)
class Terms:
    """The anonymity contract of a wave as its people read it."""

    anonymity: Anonymity
    minimums: Minimums
    cuts: tuple[str, ...]
    """By what results are told apart besides relationships, in words."""
    anonymous_questions: tuple[str, ...]
    """Questions that promise more than the others."""
    anonymous_minimums: Minimums


def of(wave: Wave, programme: Programme, questionnaire: Questionnaire) -> Terms:
    """Return what is promised to the people of a wave; the questionnaire is in their language."""
    return Terms(
        anonymity=questionnaire.anonymity,
        minimums=disclosure_rules.under(questionnaire.anonymity, wave),
        cuts=tuple(_names()[each] for each in wave_cuts.declared(wave)),
        anonymous_questions=tuple(
            each.text or each.id for each in contract.anonymous_items(questionnaire)
        ),
        anonymous_minimums=disclosure_rules.of_programme(programme, Anonymity.ANONYMOUS),
    )


def _names() -> dict[Cut, str]:
    return {
        Cut.FUNCTION: _("function"),
        Cut.SEGMENT: _("segment"),
        Cut.PRODUCT_LINE: _("product line"),
        Cut.SERVICE_TEAM: _("service team"),
        Cut.REGION: _("region"),
    }
