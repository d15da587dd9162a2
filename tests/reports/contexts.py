"""Contexts for tests: plain functions with fictional names, every number consistent."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from random import Random
from statistics import NormalDist

from surveyapp.reports.context import (
    Call,
    ClimateRow,
    CoverageRow,
    Levels,
    Method,
    Money,
    PortfolioContext,
    PortfolioRow,
    Score,
    ScorecardContext,
    Weight,
)

NORMAL = NormalDist()
NINETY = NORMAL.inv_cdf(0.95)
LEVELS = Levels(
    names=("Antagonistic", "Transactional", "Predisposed", "Trusted Advisor"),
    reference_shares=(0.10, 0.24, 0.46, 0.20),
    cuts=(37.18, 45.88, 58.42),
)
METHOD = Method(
    name="state/1",
    reference_name="assumed-1",
    reference_sentence="50 is the assumed mean of comparable relationships (assumed-1).",
    is_assumed=True,
    cut_set="seed-shares 1",
    weights=(Weight(label="Attitude", share=0.6), Weight(label="Intent", share=0.4)),
    questionnaire_id="relationship-core",
    questionnaire_version=3,
    questionnaire_sha256="8c1e77d04b52a90c13d5e0ff27ab6641c8d2295e7734f0aa51b9cc0e6d83f217",
    run_at=datetime(2026, 11, 5, 7, 40, tzinfo=UTC),
    code_version="0.1.0",
    fingerprint="3f9a51c0b7e40d269911ae5c70f348bd2c6e1f07d5a983e264cbf01d9ab75e38",
)
CLIMATE = ("Integrity", "Competency", "Recognition", "Proactivity", "Savvy", "Chemistry")


def make_score(value: float, error: float, n: int = 19) -> Score:
    half = NINETY * error
    return Score(
        value=value,
        low=value - half,
        high=value + half,
        points=70 + (value - 50) * 1.26,
        points_low=70 + (value - half - 50) * 1.26,
        points_high=70 + (value + half - 50) * 1.26,
        n=n,
    )


def make_chances(value: float, error: float) -> tuple[float, ...]:
    edges = [0.0, *(NORMAL.cdf((cut - value) / error) for cut in LEVELS.cuts), 1.0]
    return tuple(high - low for low, high in pairwise(edges))


def call_of(chances: tuple[float, ...]) -> Call:
    cold = chances[0] + chances[1]
    if cold >= 0.80:
        return "at risk"
    return "not at risk" if cold <= 0.20 else "cannot tell yet"


def label_of(chances: tuple[float, ...]) -> str:
    """The published rule for the words of a level."""
    best = max(range(4), key=lambda index: chances[index])
    if chances[best] >= 0.80:
        return LEVELS.names[best]
    low = max(range(3), key=lambda index: chances[index] + chances[index + 1])
    if chances[low] + chances[low + 1] < 0.80:
        return "wide open"
    nearer = low if chances[low] >= chances[low + 1] else low + 1
    return f"{LEVELS.names[low]} or {LEVELS.names[low + 1]}, nearer {LEVELS.names[nearer]}"


def make_climate(values: tuple[float, ...], error: float, n: int = 19) -> tuple[ClimateRow, ...]:
    return tuple(
        ClimateRow(
            dimension=label.lower(),
            label=label,
            standing="shown",
            score=make_score(value, error, n),
            reference_points=70.0,
        )
        for label, value in zip(CLIMATE, values, strict=True)
    )


def make_coverage() -> tuple[CoverageRow, ...]:
    rows = (
        ("Operations", 9, 7, 0, 0),
        ("IT", 7, 5, 1, 1),
        ("Procurement", 5, 4, 1, 1),
        ("Finance", 3, 2, 1, 0),
        ("Security", 3, 1, 0, 0),
        ("Legal", 2, 0, 0, 0),
        ("Executive sponsor", 2, 0, 2, 0),
    )
    return tuple(
        CoverageRow(
            function=function,
            invited=invited,
            answered=answered,
            deciders_invited=deciders,
            deciders_answered=spoken,
        )
        for function, invited, answered, deciders, spoken in rows
    )


def make_scorecard(value: float = 47.0, error: float = 4.2, **changes: object) -> ScorecardContext:
    """Aldermere Foods buys from Kestrin Logistics: 19 of 31 answered."""
    chances = make_chances(value, error)
    card = ScorecardContext(
        programme="Kestrin key accounts",
        buyer="Aldermere Foods",
        supplier="Kestrin Logistics",
        wave="Autumn 2026",
        opened_on=date(2026, 10, 5),
        closed_on=date(2026, 10, 23),
        made_at=datetime(2026, 11, 6, 9, 0, tzinfo=UTC),
        standing="shown",
        call=call_of(chances),
        label=label_of(chances),
        seq=make_score(value, error),
        chances=chances,
        levels=LEVELS,
        below_midpoint=0.12,
        climate=make_climate((53.0, 42.0, 51.0, 41.0, 49.0, 58.5), 4.3),
        coverage=make_coverage(),
        method=METHOD,
        annual_value=Money(amount=Decimal(4_200_000), currency="EUR"),
        renewal_on=date(2027, 6, 30),
        data_note="Sample data",
    )
    return replace(card, **changes)


def make_lone_answer() -> ScorecardContext:
    """One respondent: every bar is wide and little can be told."""
    return make_scorecard(
        46.3,
        8.1,
        climate=make_climate((44.0, 52.0, 48.0, 39.5, 50.0, 57.0), 8.6, n=1),
        coverage=(CoverageRow(function="Not stated", invited=1, answered=1),),
        annual_value=None,
        renewal_on=None,
        below_midpoint=0.31,
    )


def make_silent(**changes: object) -> ScorecardContext:
    """Nobody has answered."""
    rows = tuple(
        ClimateRow(dimension=label.lower(), label=label, standing="silent") for label in CLIMATE
    )
    coverage = tuple(replace(row, answered=0, deciders_answered=0) for row in make_coverage())
    card = make_scorecard(
        standing="silent",
        call=None,
        label="no answers",
        seq=None,
        chances=None,
        below_midpoint=None,
        climate=rows,
        coverage=coverage,
    )
    return replace(card, **changes)


def make_row(
    name: str,
    value: float,
    error: float,
    money: Money | None = None,
    people: tuple[int, int] = (13, 20),
) -> PortfolioRow:
    chances = make_chances(value, error)
    return PortfolioRow(
        name=name,
        standing="shown",
        invited=people[1],
        answered=people[0],
        seq=make_score(value, error, people[0]),
        chances=chances,
        call=call_of(chances),
        label=label_of(chances),
        annual_value=money,
        renewal_on=date(2027, 1 + people[1] % 12, 28) if money else None,
        key=name.lower().replace(" ", "-"),
    )


FIRST = (
    *("Alder", "Ash", "Birch", "Cop", "Dun", "Elm", "Fen", "Glen", "Hart", "Inver"),
    *("Lark", "Moss", "Oak", "Orrin", "Pryor", "Stave", "Thorn", "Ulver", "Vel", "Wyn"),
)
SECOND = ("grove", "lane", "mere", "side", "wick", "field", "ford", "bury", "den", "ley")
TRADE = ("Foods", "Glass", "Paints", "Pumps", "Health", "Textiles", "Marine", "Plastics")


def fictional_name(index: int) -> str:
    first = FIRST[index % 20]
    second = SECOND[(index * 3 + index // 20) % 10]
    return f"{first}{second} {TRADE[(index * 5 + index // 7) % 8]}"


def make_portfolio(
    count: int = 42,
    *,
    silent: int = 3,
    spread: float = 8.5,
    error: float = 4.5,
    is_priced: bool = True,
) -> PortfolioContext:
    """A portfolio of so many relationships, the last of them silent."""
    random = Random(7)  # noqa: S311  # seeded on purpose: the same portfolio every time
    rows = []
    for index in range(count - silent):
        price = Money(amount=Decimal(round(random.lognormvariate(14.6, 0.8), -4)), currency="EUR")
        value = random.gauss(50.5, spread)
        invited = random.randint(8, 28)
        rows.append(
            make_row(
                fictional_name(index),
                value,
                error * random.uniform(0.75, 1.25),
                price if is_priced else None,
                (random.randint(4, invited), invited),
            )
        )
    rows += [
        PortfolioRow(name=fictional_name(index), standing="silent", invited=12, answered=0)
        for index in range(count - silent, count)
    ]
    shown = [row.chances for row in rows if row.chances is not None]
    mix = tuple(sum(column) / len(shown) for column in zip(*shown, strict=True)) if shown else None
    return PortfolioContext(
        programme="Kestrin key accounts",
        wave="Autumn 2026",
        opened_on=date(2026, 10, 5),
        closed_on=date(2026, 10, 23),
        made_at=datetime(2026, 11, 6, 9, 0, tzinfo=UTC),
        levels=LEVELS,
        mix=mix,
        relationships=tuple(rows),
        method=METHOD,
        noun="customers",
        data_note="Sample data",
    )
