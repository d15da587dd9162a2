"""A questionnaire as one person reads it: in their language and order, both sides named."""

from collections.abc import Mapping
from typing import Final

from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.repeating import expanded
from surveyapp.questionnaires.shuffling import is_shuffled, shuffled
from surveyapp.questionnaires.texts import pipes, texts_of
from surveyapp.questionnaires.wording import addressed
from surveyapp.services import definitions
from surveyapp.services.shelves import Shelf

_KEPT: Final[Shelf[tuple[str, str, str, str, int], Questionnaire]] = Shelf(64)
"""By hash, language, names and seed: all that the result is made of. Each takes some 100 kB."""
_NAMING_ANSWERS: Final[Shelf[tuple[str, str], bool]] = Shelf(64)


def to_person(
    version: QuestionnaireVersion,
    locale: str,
    names: Mapping[str, str],
    labels: Mapping[str, str],
    *,
    seed: int,
) -> Questionnaire:
    """Write repeats out, in the person's order, with names and earlier answers (``labels``) filled in."""
    questionnaire = definitions.load(version, locale)
    if _names_answers(version, locale, questionnaire):
        # one pass for names and answers: braces in a name must stay what they are
        return addressed(shuffled(expanded(questionnaire), seed), names, labels)
    dealt = seed if is_shuffled(questionnaire) else 0
    return _KEPT.get(
        (version.sha256, locale, names["them"], names["us"], dealt),
        lambda: addressed(shuffled(expanded(questionnaire), dealt), names),
    )


def _names_answers(
    version: QuestionnaireVersion, locale: str, questionnaire: Questionnaire
) -> bool:
    """Tell whether a text names an earlier answer, so that each person's reads otherwise."""
    return _NAMING_ANSWERS.get(
        (version.sha256, locale),
        lambda: any(pipes(text) for text in texts_of(expanded(questionnaire))),
    )
