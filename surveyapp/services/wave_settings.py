"""What an owner may set on a wave before its launch, each refused in a sentence when it cannot be."""

import re
from datetime import datetime, timedelta
from typing import Final

from surveyapp.errors import Invalid
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.waves import View
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.loading import from_canonical_json
from surveyapp.services import contract

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_LONGEST_NAME: Final = 300
_LONGEST_REASON: Final = 300
_LONGEST_GUARD: Final = 3650


def require_slug(slug: str) -> None:
    """Refuse a short name that would not do in an address. Raises Invalid."""
    if not _SLUG.fullmatch(slug):
        raise Invalid(
            f"{slug!r} cannot be a wave's short name. Use 1 to 64 of a-z, 0-9 and hyphens."
        )


def usable_name(name: str) -> str:
    """Return the name with its spaces in order. Raises Invalid."""
    name = " ".join(name.split())
    if not 0 < len(name) <= _LONGEST_NAME:
        raise Invalid(f"A wave's name has 1 to {_LONGEST_NAME} characters; this has {len(name)}.")
    return name


def usable_reason(reason: str) -> str:
    """Return why a wave is reopened, for the record. Raises Invalid."""
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= _LONGEST_REASON:
        raise Invalid(
            f"Say in 1 to {_LONGEST_REASON} characters why the wave is reopened; it is kept on record."
        )
    return reason


def require_guard_days(days: int) -> None:
    """Refuse a guard that nobody can mean. Raises Invalid."""
    if not 0 <= days <= _LONGEST_GUARD:
        raise Invalid(f"The frequency guard is 0 to {_LONGEST_GUARD} days; {days} is not.")


def require_future_close(closes_at: datetime, *, at: datetime) -> None:
    """Refuse a closing time that is past, naming the last day for answers. Raises Invalid."""
    if closes_at <= at:
        last_day = (closes_at - timedelta(microseconds=1)).date()
        raise Invalid(f"A wave cannot close on {last_day}: that is past.")


def require_questionnaire(version: QuestionnaireVersion, view: View) -> None:
    """Refuse a questionnaire this view or this version cannot ask. Raises Invalid."""
    questionnaire = from_canonical_json(version.canonical_json)
    for refusal in (contract.unkept(questionnaire), missing_view(questionnaire, view)):
        if refusal:
            raise Invalid(refusal)


def too_few(people: int, minimum: int) -> str:
    """Say that an anonymous wave would ask fewer people than its contract's k."""
    asked = "1 person" if people == 1 else f"{people} people"
    return (
        f"This would ask {asked}, and an anonymous questionnaire needs {minimum}: with fewer, an answer"
        " would be somebody's. Ask more people, or choose a confidential questionnaire."
    )


def missing_view(questionnaire: Questionnaire, view: View) -> str:
    """Say that the questionnaire is not written for this view; empty when it is."""
    if view.value in questionnaire.views:
        return ""
    return (
        f"{questionnaire.id} is written for {' and '.join(questionnaire.views)}, not for {view}."
        " Choose one of its views or another questionnaire."
    )
