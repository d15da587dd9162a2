"""How the suppliers see the buyers: the partnership index over all relationships, under its own promise."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from surveyapp.models.results import ScoreRun
from surveyapp.models.waves import Wave
from surveyapp.reports import context as said
from surveyapp.services import disclosure_rules, portfolio_numbers
from surveyapp.services.portfolio_numbers import Mean
from surveyapp.services.portfolio_rollups import Member
from surveyapp.services.run_files import RunFile
from surveyapp.services.score_entries import NOW, PARTNER

_PAIR = 2


@dataclass(frozen=True, slots=True)
class Partnership:
    """The index of a run, and whom it rests on."""

    mean: Mean
    people: int
    suppliers: int


def find(
    session: Session, run: ScoreRun, file: RunFile, members: Sequence[Member]
) -> Partnership | None:
    """Return the index over every relationship whose supplier answered.

    None where no supplier was asked about buyers, or where too few people or suppliers answered for
    what they were promised. It is never shown for one relationship: there the buyer would read what
    a handful of people at one supplier said of it.
    """
    wave = _wave(session, run)
    if wave is None or "partnership" not in file.contrasts:
        return None
    heard = [each for each in members if file.number("partnership", each.position).n > 0]
    people = sum(file.number("partnership", each.position).n for each in heard)
    suppliers = len({each.relationship.supplier_id for each in heard})
    minimums = disclosure_rules.of_wave(wave)
    enough = people >= minimums.people and suppliers >= minimums.suppliers and len(heard) >= _PAIR
    if not enough:
        return None
    positions = [each.position for each in heard]
    return Partnership(portfolio_numbers.mean(file, positions, "partnership"), people, suppliers)


def shown(found: Partnership | None) -> said.Partnership | None:
    """Say it as the report does."""
    if found is None:
        return None
    return said.Partnership(
        score=found.mean.interval, people=found.people, suppliers=found.suppliers
    )


def _wave(session: Session, run: ScoreRun) -> Wave | None:
    asked = [
        each["wave"]
        for each in run.summary["layers"]
        if (each["view"], each["when"]) == (PARTNER, NOW)
    ]
    query = (
        select(Wave)
        .where(Wave.programme_id == run.programme_id, Wave.slug.in_(asked))
        .options(joinedload(Wave.questionnaire_version))
    )
    return session.scalars(query).first()
