"""The ledger of releases: what may leave the server, given everything that has left it before."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict
from surveyapp.models.results import Release, ReleaseCell, ScoreRun
from surveyapp.models.waves import Wave
from surveyapp.services import contract, coverage_counts, disclosure_rules, release_cells, wave_cuts
from surveyapp.services.release_cells import SCORES, Cell, History
from surveyapp.services.wave_cuts import Cut

PORTFOLIO: Final = "portfolio"
_RELATIONSHIP: Final = "relationship:"


@dataclass(frozen=True, slots=True)
class Decision:
    """What may be released of a cut, and why not the rest."""

    cells: Sequence[Cell] = ()
    """Everything the release rests on."""
    suppressed: frozenset[uuid.UUID] = frozenset()
    """Relationships that show no numbers: too few were asked. Their answers may enter roll-ups."""
    withheld: frozenset[uuid.UUID] = frozenset()
    """Relationships that show no numbers and enter no roll-up this time either."""
    cuts: frozenset[Cut] = frozenset(Cut)
    """By what the numbers may be told apart."""
    refusal: str = ""
    """Why nothing may be released; empty when something may."""

    def hides(self, relationship_id: uuid.UUID) -> bool:
        """Tell whether a relationship shows no numbers."""
        return relationship_id in self.suppressed or relationship_id in self.withheld

    def require(self) -> None:
        """Raise Conflict when nothing may be released."""
        if self.refusal:
            raise Conflict(self.refusal)


@dataclass(frozen=True, slots=True)
class _Earlier:
    """A cell that was released before."""

    answers_hash: str
    run_made_at: datetime
    released_at: datetime


@dataclass(frozen=True, slots=True)
class _Step:
    """By how many people a relationship's answers differ from an earlier release: too few."""

    people: int | None
    """None: answers were erased since, so that it cannot be counted."""
    minimum: int
    released_at: datetime


@dataclass(slots=True)
class _Look:
    """What is found out about a release."""

    cells: list[Cell] = field(default_factory=list)
    steps: dict[uuid.UUID, _Step] = field(default_factory=dict)
    has_moved: bool = False
    """Whether any answers differ from an earlier release, by however many people."""
    small: set[uuid.UUID] = field(default_factory=set)
    """Relationships of the run's own wave with fewer answers than its k."""


def cut_of(relationship_id: uuid.UUID | None) -> str:
    """Name the slice a document shows; None stands for all relationships together."""
    return f"{_RELATIONSHIP}{relationship_id}" if relationship_id else PORTFOLIO


def decide(session: Session, run: ScoreRun, cut: str) -> Decision:
    """Say what of a cut may be released now: a relationship's scorecard, or the portfolio report.

    Where a wave makes a promise, a second release about a relationship needs the same answers, or
    answers of so many other people that their difference tells of nobody: the contract's k.
    """
    wave = run.wave
    if contract.of_wave(wave) != "identified" and wave.closed_at is None:
        return Decision(refusal=f"Wave {wave.slug} takes answers. It is released after it closes.")
    relationship_id = uuid.UUID(cut.removeprefix(_RELATIONSHIP)) if cut != PORTFOLIO else None
    look = _look(session, run, relationship_id)
    hidden = coverage_counts.hidden(session, wave)
    cuts = _cuts(wave, look)
    if relationship_id is None:
        moved = frozenset(look.steps)
        # with one of the small ones left out of roll-ups, the others would follow from before
        small = frozenset(look.small) if moved & look.small else frozenset()
        return Decision(look.cells, suppressed=hidden, withheld=moved | small, cuts=cuts)
    step = look.steps.get(relationship_id)
    if relationship_id in hidden:
        # the card says facts and that answers are kept, whatever they are
        return Decision(look.cells, suppressed=hidden, withheld=frozenset({relationship_id}))
    return Decision(look.cells, cuts=cuts, refusal=_why_not(step) if step else "")


def _cuts(wave: Wave, look: _Look) -> frozenset[Cut]:
    """Say by what numbers may be told apart: under a promise by what respondents were told of.

    Functions only while nothing has changed since an earlier release: k new answers about a
    relationship may be one of each function.
    """
    if disclosure_rules.people(wave) == 1:
        return frozenset(Cut)
    declared = frozenset(wave_cuts.declared(wave))
    return declared - {Cut.FUNCTION} if look.has_moved else declared


def record(session: Session, release: Release, decision: Decision) -> None:
    """Keep what a release rests on. The ledger is only added to: withdrawn documents stay in it."""
    rows = [
        {
            "id": uuid.uuid4(),
            "programme_id": release.programme_id,
            "release_id": release.id,
            "wave_id": cell.wave_id,
            "relationship_id": cell.relationship_id,
            "name": SCORES,
            "people": cell.people,
            "answers_hash": cell.answers_hash,
            "is_shown": cell.relationship_id not in decision.withheld,
        }
        for cell in decision.cells
    ]
    if rows:
        session.execute(insert(ReleaseCell), rows)


def _look(session: Session, run: ScoreRun, relationship_id: uuid.UUID | None) -> _Look:
    look = _Look()
    for wave in release_cells.waves_of(session, run):
        told = release_cells.histories(session, wave, relationship_id=relationship_id)
        cells = list(release_cells.cells_of(run, wave, told))
        look.cells += cells
        if disclosure_rules.people(wave) == 1:
            continue
        if wave.id == run.wave_id:
            look.small |= {each.relationship_id for each in cells if each.people < each.minimum}
        earlier = _earlier(session, wave, relationship_id)
        look.has_moved |= any(
            before.answers_hash != cell.answers_hash
            for cell in cells
            for before in earlier.get(cell.relationship_id, ())
        )
        for relationship, step in _steps(run, cells, told, earlier):
            look.steps.setdefault(relationship, step)
    return look


def _steps(
    run: ScoreRun,
    cells: Iterable[Cell],
    told: Mapping[uuid.UUID, History],
    earlier: Mapping[uuid.UUID, Sequence[_Earlier]],
) -> Iterable[tuple[uuid.UUID, _Step]]:
    """Find relationships whose answers differ by too few people from any earlier release."""
    for cell in cells:
        for before in earlier.get(cell.relationship_id, ()):
            if before.answers_hash == cell.answers_hash:
                continue
            history = told[cell.relationship_id]
            people: int | None = history.people_changed(before.run_made_at, run.created_at)
            if release_cells.fingerprint(history.at(before.run_made_at)) != before.answers_hash:
                people = None
            if people is None or people < cell.minimum:
                yield cell.relationship_id, _Step(people, cell.minimum, before.released_at)


def _earlier(
    session: Session, wave: Wave, relationship_id: uuid.UUID | None
) -> Mapping[uuid.UUID, Sequence[_Earlier]]:
    found: defaultdict[uuid.UUID, list[_Earlier]] = defaultdict(list)
    query = _ledger(wave)
    if relationship_id is not None:
        query = query.where(ReleaseCell.relationship_id == relationship_id)
    for relationship, answers_hash, made_at, released_at in session.execute(query):
        found[relationship].append(_Earlier(answers_hash, made_at, released_at))
    return found


def _ledger(wave: Wave) -> Select[*tuple[Any, ...]]:
    return (
        select(
            ReleaseCell.relationship_id,
            ReleaseCell.answers_hash,
            ScoreRun.created_at,
            Release.released_at,
        )
        .join(Release, Release.id == ReleaseCell.release_id)
        .join(ScoreRun, ScoreRun.id == Release.run_id)
        .where(ReleaseCell.wave_id == wave.id, ReleaseCell.is_shown)
        .order_by(Release.released_at.desc())
    )


def _why_not(step: _Step) -> str:
    day = f"{step.released_at.day} {step.released_at:%B %Y}"
    if step.people is None:
        return (
            f"Answers about this relationship were erased after the release of {day}. Set beside that"
            " one, a new release could show whose they were. The earlier document stays as it is."
        )
    if step.people == 1:
        found, whose = "the answers of 1 person are new or changed", "that person's answers"
    else:
        found = f"the answers of {step.people} people are new or changed"
        whose = "the answers of so few"
    return (
        f"Since the release of {day}, {found}. Set beside that one, a new release would show {whose}:"
        f" it needs {step.minimum} people or more. The earlier document stays as it is."
    )
