"""Every number a document prints that a posterior gives, under the name it has in the evidence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from surveyapp.reports.context import (
    Change,
    ClimateRow,
    Interval,
    PortfolioContext,
    PortfolioRow,
    Score,
    ScorecardContext,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a document says of one number."""

    name: str
    """Of the contrast or estimate that gives it."""
    place: str
    """Where a reader finds it."""
    says: Mapping[str, float]
    """T scores and points with their bars, people, chance below the midpoint; what is printed of it."""


def of(context: ScorecardContext | PortfolioContext) -> list[Claim]:
    """List what the document claims."""
    if isinstance(context, ScorecardContext):
        return list(_scorecard(context))
    return list(_portfolio(context))


def changes(context: ScorecardContext | PortfolioContext) -> list[tuple[str, str, bool]]:
    """List what the document calls more than chance, or does not: name, place, what it says."""
    if isinstance(context, ScorecardContext):
        return list(_changes_of_card(context))
    return list(_changes_of_portfolio(context))


def _changes_of_card(card: ScorecardContext) -> Iterator[tuple[str, str, bool]]:
    if card.last_wave is not None:
        yield "change", "Change of SEQ", card.last_wave.is_beyond_chance
    for row in card.climate:
        if row.change is not None:
            yield f"change:{row.dimension}", row.label, row.change.is_beyond_chance
        for position, item in enumerate(row.items):
            if item.change is not None:
                name = f"change:item:{row.dimension}:{position}"
                yield name, item.label, item.change.is_beyond_chance


def _changes_of_portfolio(report: PortfolioContext) -> Iterator[tuple[str, str, bool]]:
    if report.movement is not None:
        yield "movement", "Change of the portfolio", report.movement.is_beyond_chance
    for row in report.relationships:
        if row.change is not None:
            yield f"change:{row.key}", row.name, row.change.is_beyond_chance
    for rollup in report.rollups:
        for group in rollup.rows:
            if group.change is not None:
                name = f"change:rollup:{rollup.kind}:{group.name}"
                yield name, f"{rollup.kind} {group.name}".strip(), group.change.is_beyond_chance


def _scorecard(card: ScorecardContext) -> Iterator[Claim]:
    if card.seq is not None:
        yield _score("seq", "Sales-equity score", card.seq)
    if card.below_midpoint is not None:
        yield Claim("anchor", "Chance below the midpoint", {"below": card.below_midpoint})
    if card.known_people is not None:
        yield _score("known", "SEQ among the people there are", card.known_people.score)
    for row in card.climate:
        yield from _climate(row)
    if card.last_wave is not None:
        yield _interval("last", "SEQ of the last wave, as now seen", card.last_wave.now_seen)
    for function in card.by_function:
        if function.score is not None:
            name = f"function:{function.function}"
            yield _score(name, f"SEQ of {function.function}", function.score)
    if card.quadrant is not None:
        yield _interval("facts", "Facts as one score", card.quadrant.facts)


def _climate(row: ClimateRow) -> Iterator[Claim]:
    dimension = row.dimension
    if row.reference_points is not None:
        reference = {"reference": row.reference_points}
        yield Claim(f"reference:{dimension}", f"{row.label}, reference", reference)
    if row.score is not None:
        yield _score(f"climate:{dimension}", row.label, row.score)
    if row.change is not None:
        yield from _change(dimension, row.label, row.change)
    if row.own is not None:
        yield _score(f"own:{dimension}", f"{row.label}, the supplier's own view", row.own)
    if row.gap is not None:
        yield _interval(f"gap:{dimension}", f"{row.label}, gap", row.gap)
    for position, item in enumerate(row.items):
        if item.score is not None:
            yield _score(f"item:{dimension}:{position}", item.label, item.score)
        if item.change is not None:
            yield from _change(f"item:{dimension}:{position}", item.label, item.change)


def _portfolio(report: PortfolioContext) -> Iterator[Claim]:
    for row in report.relationships:
        yield from _portfolio_row(row)
    if report.movement is not None:
        yield _interval("movement", "Change of the portfolio", report.movement.change)
    if report.partnership is not None:
        yield _interval("partnership", "Partnership index", report.partnership.score)
    for rollup in report.rollups:
        for group in rollup.rows:
            if group.score is not None:
                name, place = f"{rollup.kind}:{group.name}", f"{rollup.kind} {group.name}".strip()
                yield _interval(f"rollup:{name}", place, group.score)
                if group.change is not None:
                    yield from _change(f"rollup:{name}", place, group.change)


def _portfolio_row(row: PortfolioRow) -> Iterator[Claim]:
    if row.seq is not None:
        yield _score(f"seq:{row.key}", row.name, row.seq)
    if row.change is not None:
        yield from _change(row.key, row.name, row.change)


def _score(name: str, place: str, score: Score) -> Claim:
    says = {
        "T": score.value,
        "T low": score.low,
        "T high": score.high,
        "points": score.points,
        "points low": score.points_low,
        "points high": score.points_high,
        "people": float(score.n),
    }
    return Claim(name, place, says)


def _interval(name: str, place: str, interval: Interval) -> Claim:
    return Claim(name, place, {"T": interval.value, "T low": interval.low, "T high": interval.high})


def _change(name: str, place: str, change: Change) -> Iterator[Claim]:
    yield Claim(f"change:{name}", f"{place}, change", {"T": change.size})
    yield Claim(f"before:{name}", f"{place}, last wave", {"T": change.before})
