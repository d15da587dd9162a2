"""The language a respondent reads in: their own choice, else what the owner noted for them."""

from sqlalchemy.orm import Session

from surveyapp.errors import Invalid
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.invitations import Invitation
from surveyapp.questionnaires import mirrored
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.wording import locales, localised
from surveyapp.services import assignments, definitions


def of(invitation: Invitation) -> str:
    """Return the language chosen on the pages, else the contact's own."""
    return invitation.locale or invitation.contact.locale


def of_mail(invitation: Invitation, version: QuestionnaireVersion) -> str:
    """Return the language a mail speaks: that of the questionnaire behind its link."""
    wanted = of(invitation)
    if wanted == mirrored.LANGUAGE:  # for looking at pages only
        wanted = invitation.contact.locale
    return definitions.load(version, wanted).language


def offered(version: QuestionnaireVersion) -> list[str]:
    """Return the languages a published questionnaire can be answered in, its base language first."""
    return locales(definitions.load(version, ""))


def is_spoken(questionnaire: Questionnaire, locale: str) -> bool:
    """Tell whether a questionnaire has a language, or a region's parent: de for de-AT."""
    return base(localised(questionnaire, locale).language) == base(locale)


def base(locale: str) -> str:
    """Return a language without its region."""
    return locale.partition("-")[0]


def choose(session: Session, slug: str, language: str) -> None:
    """Keep the language that a respondent chose, for their pages on any device and for their mail.

    Raises
    ------
    Invalid
        The questionnaire is not written in it.
    """
    assignment = assignments.find(session, slug)
    can_choose = (*offered(assignment.questionnaire_version), mirrored.LANGUAGE)
    if language not in can_choose:
        raise Invalid("This questionnaire is not written in that language.")
    if of(assignment.invitation) != language:
        assignment.invitation.locale = language
        session.flush()
