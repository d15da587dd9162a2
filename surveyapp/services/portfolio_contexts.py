"""From a run's stored scores and arrays to what the portfolio report says."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy.orm import Session

from surveyapp.models.results import Score, ScoreRun
from surveyapp.reports import context as said
from surveyapp.services import (
    kpi_readings,
    portfolio_drivers,
    portfolio_movement,
    portfolio_partnership,
    portfolio_people,
    portfolio_rollups,
    releases,
    results,
    run_files,
    scorecard_numbers,
    scorecard_promise,
)
from surveyapp.services.portfolio_names import Naming
from surveyapp.services.portfolio_rollups import Group, Member
from surveyapp.services.report_contexts import call_of
from surveyapp.services.wave_cuts import Cut
from surveyapp.storage import Store


class Portfolio:
    """A run looked at as a whole: what its report and the evidence of that report are made from."""

    def __init__(self, session: Session, store: Store, run: ScoreRun, *, locale: str) -> None:
        """Read scores, arrays and counts.

        Raises
        ------
        Conflict
            The run was made before runs kept their arrays: score the wave again.
        """
        self.run = run
        self.frame = results.frame(run, locale=locale)
        self.file = run_files.load(store, run)
        self.scores: Sequence[Score] = results.scores_of(session, run)
        self.counts = portfolio_people.counts(session, run.wave)
        self.decision = releases.decide(session, run, releases.PORTFOLIO)
        self.last = portfolio_movement.last_wave(session, run)
        compared = portfolio_movement.compared(self.file, self.last, minimum=self.frame.minimum)
        people = portfolio_people.answered(session, run.wave) if self.frame.minimum > 1 else {}
        self.members: Sequence[Member] = [
            Member(
                relationship=score.relationship,
                position=self.file.position(score.relationship_id),
                n=0 if score.relationship_id in self.decision.withheld else score.n,
                people=people.get(score.relationship_id, frozenset()),
                standing=self._standing(score),
                is_compared=self.file.position(score.relationship_id) in compared,
            )
            for score in self.scores
        ]
        self.partnership = portfolio_partnership.find(session, run, self.file, self.members)

    @property
    def compared(self) -> Sequence[int]:
        """Positions of relationships whose change is shown."""
        return [each.position for each in self.members if self.has_change(each)]

    @property
    def groups(self) -> list[Group]:
        """Every roll-up."""
        found = portfolio_rollups.groups(self.file, self.members, minimum=self.frame.minimum)
        return [group for group in found if Cut(group.kind) in self.decision.cuts]

    def has_change(self, member: Member) -> bool:
        """Tell whether both waves heard enough people of it."""
        return member.standing == "shown" and member.is_compared

    def _standing(self, score: Score) -> said.Standing:
        if self.decision.hides(score.relationship_id):
            return "suppressed"
        _, answered = self.counts[score.relationship_id]
        standing = self.frame.standing(score.n, answered=answered)
        position = self.file.position(score.relationship_id)
        is_alike = self.frame.minimum > 1 and scorecard_promise.is_alike(
            self.file, self.frame, position
        )
        return "suppressed" if standing == "shown" and is_alike else standing


def portfolio(
    session: Session, store: Store, run: ScoreRun, *, locale: str
) -> said.PortfolioContext:
    """Say everything a run found about all relationships together.

    The level mix is the mean of probabilities over relationships that may be shown.

    Raises
    ------
    Conflict
        The run was made before runs kept their arrays: score the wave again.
    """
    whole = Portfolio(session, store, run, locale=locale)
    frame, wave = whole.frame, whole.frame.wave
    naming = Naming([score.relationship for score in whole.scores])
    facts = _current_facts(session, whole)
    rows = tuple(
        _row(whole, score, member, naming, facts)
        for score, member in zip(whole.scores, whole.members, strict=True)
    )
    shown = [row.chances for row in rows if row.chances is not None]
    return said.PortfolioContext(
        programme=frame.programme.name,
        wave=wave.name,
        opened_on=wave.opened_at.date() if wave.opened_at else None,
        closed_on=results.last_day(wave),
        made_at=run.created_at,
        levels=frame.levels,
        mix=_mean(shown) if shown else None,
        relationships=rows,
        method=frame.method,
        noun=naming.noun,
        locale=locale,
        data_note=frame.programme.data_note or None,
        movement=portfolio_movement.movement(
            whole.file, whole.last, whole.compared, cuts=run.summary["cuts"]
        ),
        rollups=portfolio_rollups.rollups(whole.groups),
        deciders=portfolio_people.deciders(session, wave) if frame.minimum == 1 else None,
        partnership=portfolio_partnership.shown(whole.partnership),
        drivers=portfolio_drivers.drivers(whole.file, frame.questionnaire),
    )


def _row(
    whole: Portfolio, score: Score, member: Member, naming: Naming, facts: dict[str, int]
) -> said.PortfolioRow:
    invited, answered = whole.counts[score.relationship_id]
    is_shown = member.standing == "shown"
    is_counted = score.relationship_id not in whole.decision.suppressed
    return said.PortfolioRow(
        name=naming.of(score.relationship),
        standing=member.standing,
        invited=invited,
        answered=answered if is_counted else 0,
        is_counted=is_counted,
        seq=results.shown_score(score) if is_shown else None,
        chances=tuple(score.probabilities) if is_shown else None,
        call=call_of(score) if is_shown else None,
        label=score.label if is_shown else "no answers",
        annual_value=results.money(score.relationship),
        renewal_on=score.relationship.renewal_on,
        key=str(score.relationship_id),
        change=_change(whole, score, member) if whole.has_change(member) else None,
        current_facts=facts.get(str(score.relationship_id)),
    )


def _change(whole: Portfolio, score: Score, member: Member) -> said.Change:
    size = scorecard_numbers.size(whole.file.number("change", member.position))
    return said.Change(
        before=results.shown_score(score).value - size,
        size=size,
        is_beyond_chance=whole.file.is_real("change", member.position),
    )


def _current_facts(session: Session, whole: Portfolio) -> dict[str, int]:
    """Count the facts of each relationship that were current when the run was made."""
    told = whole.run.summary.get("facts_on")
    if told is None:
        return {}
    ids = [score.relationship_id for score in whole.scores]
    readings = kpi_readings.read(
        session,
        whole.frame.programme,
        ids,
        on=date.fromisoformat(told),
        known_at=whole.run.created_at,
    )
    if not readings.definitions:
        return {}
    return {str(each): sum(not fact.is_stale for fact in readings.of(each)) for each in ids}


def _mean(probabilities: Iterable[Sequence[float]]) -> tuple[float, ...]:
    rows = list(probabilities)
    return tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))
