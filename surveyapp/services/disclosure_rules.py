"""How many people a shown number rests on: the contract's floor, raised by the programme, kept by the wave."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sqlalchemy import case, update
from sqlalchemy.orm import Session

from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave, WaveState
from surveyapp.questionnaires.definition import Anonymity, Item
from surveyapp.services import contract


@dataclass(frozen=True, slots=True)
class Minimums:
    """The fewest a shown number rests on."""

    people: int
    suppliers: int
    """Supplier organisations besides, where the buyer reads what suppliers said."""
    comments: int
    """People who wrote one, before comments are shown word for word."""

    def raised(self, other: "Minimums") -> "Minimums":
        """Return the stricter of both, each for itself."""
        return Minimums(
            max(self.people, other.people),
            max(self.suppliers, other.suppliers),
            max(self.comments, other.comments),
        )


FLOORS: Final[Mapping[Anonymity, Minimums]] = MappingProxyType(
    {
        Anonymity.IDENTIFIED: Minimums(people=1, suppliers=1, comments=1),
        Anonymity.CONFIDENTIAL: Minimums(people=3, suppliers=3, comments=5),
        Anonymity.ANONYMOUS: Minimums(people=5, suppliers=3, comments=5),
    }
)
"""What each contract promises in any case; a programme may only raise it."""
MOST: Final = 50
"""More than that would hide every business relationship there is."""


def of_programme(programme: Programme, anonymity: Anonymity) -> Minimums:
    """Return the programme's rule for a contract."""
    floor = FLOORS[anonymity]
    match anonymity:
        case Anonymity.IDENTIFIED:
            return floor
        case Anonymity.CONFIDENTIAL:
            people = programme.minimum_confidential
        case Anonymity.ANONYMOUS:
            people = programme.minimum_anonymous
    return floor.raised(Minimums(people, programme.minimum_suppliers, programme.minimum_comments))


def of_wave(wave: Wave) -> Minimums:
    """Return what holds for a wave: what its people were told, or a stricter rule made since."""
    return under(contract.of_wave(wave), wave)


def under(anonymity: Anonymity, wave: Wave) -> Minimums:
    """Return the same where the wave's contract is known and its questionnaire is not loaded."""
    # a row that was never stored has no rule of its own yet
    own = Minimums(
        wave.minimum_people or 1, wave.minimum_suppliers or 1, wave.minimum_comments or 1
    )
    return FLOORS[anonymity].raised(own)


def people(wave: Wave) -> int:
    """Return the contract's k of a wave; its questionnaire must be loaded."""
    return of_wave(wave).people


def of_item(wave: Wave, programme: Programme, item: Item) -> Minimums:
    """Return what holds for one item, which may promise more than its questionnaire."""
    plain = of_wave(wave)
    return (
        plain if item.anonymity is None else plain.raised(of_programme(programme, item.anonymity))
    )


def promise(wave: Wave, programme: Programme, version: QuestionnaireVersion) -> None:
    """Give a wave that is not launched yet the programme's rule of today."""
    today = of_programme(programme, contract.of_version(version))
    wave.minimum_people = today.people
    wave.minimum_suppliers = today.suppliers
    wave.minimum_comments = today.comments


def apply(session: Session, programme: Programme, version: QuestionnaireVersion) -> None:
    """Let a changed rule hold for the waves of a questionnaire: launched ones are only made stricter."""
    today = of_programme(programme, contract.of_version(version))
    is_free = Wave.state.in_((WaveState.DRAFT, WaveState.SCHEDULED))
    session.execute(
        update(Wave)
        .where(Wave.programme_id == programme.id, Wave.questionnaire_version_id == version.id)
        .values(
            {
                column: case((is_free, today_k), (column > today_k, column), else_=today_k)
                for column, today_k in (
                    (Wave.minimum_people, today.people),
                    (Wave.minimum_suppliers, today.suppliers),
                    (Wave.minimum_comments, today.comments),
                )
            }
        )
        .execution_options(synchronize_session=False)
    )
