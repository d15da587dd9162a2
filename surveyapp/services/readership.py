"""Who in a programme sees what of a wave's people: what roles may do, as far as the contract allows."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from surveyapp.models.people import Role
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.services import access, contract, handed_in
from surveyapp.services.access import Action


class Sight(StrEnum):
    """One kind of thing that may be seen of a person who was asked."""

    RESULTS = "results"
    COMMENTS = "comments"
    ANSWERS = "single answers beside the name"
    FILES = "files beside the name"
    TURNOUT = "whether somebody has answered"
    LIST = "that somebody was asked"


@dataclass(frozen=True, slots=True)
class Readers:
    """Roles that see the same."""

    roles: tuple[Role, ...]
    sights: tuple[Sight, ...]
    is_own_only: bool
    """Only of relationships that name them as their manager."""


OPENED_BY: Final[Mapping[Sight, tuple[Action, ...]]] = MappingProxyType(
    {
        Sight.RESULTS: ("results.read",),
        Sight.COMMENTS: ("results.read",),
        Sight.ANSWERS: ("answers.read",),
        Sight.FILES: ("answers.read",),
        Sight.TURNOUT: ("waves.read", "coverage.read"),
        Sight.LIST: ("waves.read", "accounts.read"),
    }
)
"""Any of these actions shows it, where the contract lets it be shown at all."""


def of(questionnaire: Questionnaire) -> list[Readers]:
    """Return every role with what it sees, those that see the same together."""
    found: dict[tuple[tuple[Sight, ...], bool], list[Role]] = {}
    for role in Role:
        key = seen_by(role, questionnaire), not access.sees_all(role)
        found.setdefault(key, []).append(role)
    return [Readers(tuple(roles), *key) for key, roles in found.items()]


def seen_by(role: Role, questionnaire: Questionnaire) -> tuple[Sight, ...]:
    """Return what a role sees of the people it is asked of, in the order in which it is told."""
    sights = [each for each in Sight if _is_told(each, questionnaire) and _may(role, each)]
    if Sight.TURNOUT in sights:
        sights.remove(Sight.LIST)
    return tuple(sights)


def _may(role: Role, sight: Sight) -> bool:
    return any(action in access.MAY[role] for action in OPENED_BY[sight])


def _is_told(sight: Sight, questionnaire: Questionnaire) -> bool:
    """Tell whether the contract lets anybody see it."""
    match sight:
        case Sight.RESULTS | Sight.COMMENTS | Sight.LIST:
            return True
        case Sight.ANSWERS | Sight.TURNOUT:
            return contract.shows_names(questionnaire.anonymity)
        case Sight.FILES:
            return bool(handed_in.questions(questionnaire))
