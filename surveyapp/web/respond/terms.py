"""What respondents are promised, for the start page, "Who sees what" and the foot of each page."""

from dataclasses import dataclass

from flask_babel import gettext as _

from surveyapp.extensions import state
from surveyapp.models.people import Role
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.definition import Anonymity, Questionnaire
from surveyapp.services import contract, disclosure_rules, readership, unsent, wave_cuts
from surveyapp.services.disclosure_rules import Minimums
from surveyapp.services.readership import Readers, Sight
from surveyapp.services.wave_cuts import Cut
from surveyapp.web.filters import listed


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
    unsent_days: int
    """So many days after the close, what was typed and not sent is erased."""


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
        unsent_days=unsent.days_told(wave, setting=state().settings.unsent_days),
    )


def readers(questionnaire: Questionnaire) -> list[tuple[str, str]]:
    """Return the roles of a programme with what they see, in words."""
    return [_in_words(each, questionnaire) for each in readership.of(questionnaire)]


def _in_words(readers: Readers, questionnaire: Questionnaire) -> tuple[str, str]:
    """Say who they are and what they see."""
    roles = _capital(", ".join(_roles()[each] for each in readers.roles))
    sights = _sights(questionnaire.anonymity)
    seen = listed([sights[each] for each in readers.sights])
    if not seen:
        return roles, _("Nothing of you.")
    if readers.is_own_only:
        return roles, _(
            "Only of business relationships they look after themselves: %(seen)s.", seen=seen
        )
    return roles, _capital(f"{seen}.")


def _roles() -> dict[Role, str]:
    return {
        Role.OWNER: _("programme owners"),
        Role.ANALYST: _("analysts"),
        Role.REVIEWER: _("reviewers"),
        Role.EXECUTIVE: _("executives"),
        Role.RELATIONSHIP_MANAGER: _("relationship managers"),
    }


def _sights(anonymity: Anonymity) -> dict[Sight, str]:
    has_names = anonymity is Anonymity.IDENTIFIED
    return {
        Sight.RESULTS: _("results"),
        Sight.COMMENTS: _("your comments") if has_names else _("comments without names"),
        Sight.ANSWERS: _("your answers with your name"),
        Sight.FILES: _("files you hand in"),
        Sight.TURNOUT: _("whether you have answered"),
        Sight.LIST: _("that you were asked"),
    }


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _names() -> dict[Cut, str]:
    return {
        Cut.FUNCTION: _("function"),
        Cut.SEGMENT: _("segment"),
        Cut.PRODUCT_LINE: _("product line"),
        Cut.SERVICE_TEAM: _("service team"),
        Cut.REGION: _("region"),
    }
