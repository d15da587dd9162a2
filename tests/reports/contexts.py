"""Contexts for tests: plain functions with fictional names, every number consistent."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from random import Random
from statistics import NormalDist

from surveyapp.reports.context import (
    Agreement,
    Call,
    Change,
    ClimateRow,
    CoverageRow,
    Deciders,
    Driver,
    Drivers,
    Fact,
    FunctionRow,
    Interval,
    ItemLine,
    LastWave,
    Levels,
    Method,
    Money,
    Movement,
    Neighbour,
    PortfolioContext,
    PortfolioRow,
    Quadrant,
    Reference,
    Rollup,
    RollupKind,
    RollupRow,
    Score,
    ScorecardContext,
    Signature,
    SilentDecider,
    Standing,
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
OWN = Reference(
    origin="own",
    relationships=1873,
    source="Autumn 2026, supplier group North-West",
    frozen_on=date(2026, 10, 23),
)
"""The longest sentence about 50."""
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


GROUPS: dict[RollupKind, tuple[str, ...]] = {
    "segment": ("Grocery", "Public sector", "Industry", "Healthcare"),
    "product line": ("Contract logistics", "Air freight", "Cold chain", "Customs", "Returns"),
    "service team": ("Team North", "Team South", "Night desk"),
    "region": ("Benelux", "DACH", "Iberia", "Nordics", "United Kingdom"),
}


MOVED = {7: -9.0, 19: -8.2, 31: -7.4, 12: 7.9}
"""Changes larger than chance, by the place of the relationship."""


def make_whole_portfolio(
    count: int = 42, *, silent: int = 3, **changes: object
) -> PortfolioContext:
    """A portfolio with everything: a last wave, roll-ups, facts, deciders, money of the silent."""
    random = Random(11)  # noqa: S311  # seeded on purpose: the same portfolio every time
    plain = make_portfolio(count, silent=silent)
    rows = []
    for index, row in enumerate(plain.relationships):
        facts = 0 if index % 7 == 3 else 2 + index % 4
        if row.seq is None:
            price = Money(amount=Decimal(1_300_000 + 450_000 * (index % 3)), currency="EUR")
            rows.append(replace(row, annual_value=price, current_facts=facts))
            continue
        size = MOVED.get(index, random.gauss(-0.8, 2.0))
        change = Change(before=row.seq.value - size, size=size, is_beyond_chance=index in MOVED)
        known = None if index % 12 == 5 else change
        rows.append(replace(row, change=known, current_facts=facts))
    shown = [row for row in rows if row.seq is not None]
    compared = sum(row.change is not None for row in shown)
    portfolio = replace(
        plain,
        method=replace(METHOD, reference=OWN),
        relationships=tuple(rows),
        rollups=tuple(make_rollup(kind, shown, silent) for kind in GROUPS) if shown else (),
        deciders=Deciders(asked=96, answered=61, silent_relationships=6),
        drivers=make_drivers(),
        movement=Movement(
            since="Spring 2026",
            compared=compared,
            change=Interval(value=-1.2, low=-2.3, high=-0.1),
            is_beyond_chance=True,
            mix=(0.06, 0.19, 0.52, 0.23),
        )
        if compared
        else None,
    )
    return replace(portfolio, **changes)


def make_drivers(*, is_told: bool = True) -> Drivers:
    """Competency stands out, the others cannot be told apart; or too few relationships."""
    if not is_told:
        return Drivers(relationships=12, enough=30, why_not="too few")
    shares = (0.14, 0.29, 0.16, 0.17, 0.11, 0.13)
    return Drivers(
        relationships=39,
        enough=30,
        rows=tuple(
            Driver(
                label=label,
                share=Interval(value=share, low=share * 0.62, high=share + 0.1),
            )
            for label, share in zip(CLIMATE, shares, strict=True)
        ),
        explained=0.81,
    )


def make_rollup(kind: RollupKind, shown: list[PortfolioRow], silent: int) -> Rollup:
    """Relationships dealt out to the groups of a kind; the last group is too small to show."""
    names = GROUPS[kind]
    groups: dict[str, list[PortfolioRow]] = {name: [] for name in names}
    for index, row in enumerate(shown):
        groups[names[(index * 5 + index // 3) % len(names)]].append(row)
    rows = [
        RollupRow(
            name=name,
            standing="shown",
            asked=len(members) + (silent if place == 0 else 0),
            measured=len(members),
            score=make_mean([row.seq.value for row in members if row.seq]),
            change=Change(
                before=51.0, size=-4.2 if place == 1 else 0.6, is_beyond_chance=place == 1
            ),
        )
        for place, (name, members) in enumerate(groups.items())
        if members
    ]
    rows.sort(key=lambda row: row.score.value if row.score else 0.0)
    if kind == "product line":
        rows.append(
            RollupRow(
                name="",
                standing="shown",
                asked=5,
                measured=4,
                groups=3,
                score=make_mean([49.0, 52.0, 47.0, 55.0]),
            )
        )
    if kind == "region":
        rows.append(RollupRow(name="Baltics", standing="suppressed", asked=1, measured=0))
    return Rollup(kind=kind, rows=tuple(rows))


def make_mean(values: list[float]) -> Interval:
    """The mean of some scores; its bar narrows with their number."""
    mean, half = sum(values) / len(values), NINETY * 4.2 / len(values) ** 0.5
    return Interval(value=mean, low=mean - half, high=mean + half)


SERIES = {
    "on-time": (0.962, 0.965, 0.961, 0.963, 0.962, 0.944, 0.924, 0.91),
    "claims": (4.0, 3.7, 3.8, 2.9, 2.6, 2.5, 2.2, 2.1),
    "accuracy": (0.95, 0.962, 0.975, 0.985, 0.99, 0.985, 0.993, 0.991),
    "escalations": (2.0, 1.0, 3.0, 2.0, 3.0, 4.0, 6.0, 7.0),
    "revenue": (4.6e6, 4.6e6, 4.8e6, 4.8e6, 4.8e6, 4.5e6, 4.3e6, 4.2e6),
    "audit": (74.0, 77.0, None, 82.0, None, None, None, None),
}
QUESTIONS = {
    "integrity": ("Tell us bad news before we find out", "What is agreed is later seen in writing"),
    "competency": ("Deliver what was promised, on time", "Fix the cause and not only the case"),
    "recognition": ("Know what makes our situation different", "Someone stays reachable for us"),
    "proactivity": ("Raise risks early enough for us to act", "Bring ideas we had not asked for"),
    "savvy": ("Understand how we earn money", "Understand how we decide"),
    "chemistry": ("Working with them is easy", "I would choose these people again"),
}


def make_fact(key: str, name: str, **changes: object) -> Fact:
    """A fact that was met in the latest quarter, five weeks ago."""
    fact = Fact(
        key=key,
        name=name,
        unit="count",
        value=SERIES[key][-1] or 82.0,
        as_of=date(2026, 9, 30),
        age_days=37,
        target=3.0,
        direction="at most",
        series=SERIES[key],
        source="ERP",
    )
    return replace(fact, **changes)


def make_facts() -> tuple[Fact, ...]:
    """Late, met, inherited, money and stale: one of each."""
    more = {"direction": "at least"}
    return (
        make_fact(
            "on-time", "On-time delivery", unit="share", target=0.96, missed_running=3, **more
        ),
        make_fact("claims", "Damage claims per 1,000"),
        make_fact("accuracy", "Invoice accuracy", unit="share", target=0.99, **more),
        make_fact("escalations", "Open escalations", missed_running=3, age_days=4),
        make_fact(
            "revenue",
            "Revenue, 12 months",
            unit="money",
            currency="EUR",
            target=4.6e6,
            missed_running=3,
            is_inherited=True,
            **more,
        ),
        make_fact(
            "audit",
            "Site audit score",
            unit="points",
            target=80.0,
            as_of=date(2025, 9, 12),
            age_days=420,
            is_stale=True,
            source="",
            **more,
        ),
    )


def make_detailed_climate() -> tuple[ClimateRow, ...]:
    """Competency fell and people are split on it; the supplier believes itself warmer on two."""
    own = {"competency": 58.0, "proactivity": 56.0}
    rows = []
    for row in make_climate((53.0, 42.0, 51.0, 41.0, 49.0, 58.5), 3.2):
        if row.score is None:
            continue
        value = row.score.value
        seen = own.get(row.dimension, value + 2.5)
        has_fallen = row.dimension == "competency"
        change = Change(
            before=51.0 if has_fallen else value + 1,
            size=-9.0 if has_fallen else -1.0,
            is_beyond_chance=has_fallen,
        )
        rows.append(
            replace(
                row,
                own=make_score(seen, 4.0, 11),
                gap=Interval(value=seen - value, low=seen - value - 8, high=seen - value + 8),
                change=change,
                agreement=Agreement(
                    spread=23.0 if has_fallen else 13.0, usual=14.0, is_split=has_fallen
                ),
                items=tuple(
                    ItemLine(
                        label=label,
                        standing="shown",
                        score=make_score(value + step, 4.5),
                        change=change if step < 0 and has_fallen else None,
                    )
                    for label, step in zip(QUESTIONS[row.dimension], (-2.0, 2.0), strict=True)
                ),
            )
        )
    return tuple(rows)


def make_functions() -> tuple[FunctionRow, ...]:
    """Three functions shown, two hidden by the contract, two silent."""
    scores = {"Operations": 43.0, "IT": 45.0, "Procurement": 56.0}
    rows = []
    for row in make_coverage():
        value = scores.get(row.function)
        standing: Standing = "shown" if value else "suppressed" if row.answered else "silent"
        rows.append(
            FunctionRow(
                function=row.function,
                standing=standing,
                invited=row.invited,
                answered=row.answered,
                score=make_score(value, 4.6, row.answered) if value else None,
            )
        )
    return tuple(rows)


def make_whole(**changes: object) -> ScorecardContext:
    """Every part of a scorecard that services can fill: four pages."""
    random = Random(11)  # noqa: S311  # seeded on purpose: the same scorecard every time
    coverage = tuple(
        replace(row, by_dimension=(row.answered,) * 5 + (row.answered - 1,))
        if row.answered >= 3
        else row
        for row in make_coverage()
    )
    others = tuple(
        Neighbour(perception=random.gauss(50, 8), facts=random.gauss(51, 8)) for _ in range(36)
    )
    card = make_scorecard(
        climate=make_detailed_climate(),
        coverage=coverage,
        method=replace(METHOD, minimum_answers=3, reference=OWN),
        last_wave=LastWave(
            name="Spring 2026",
            issued=54.0,
            now_seen=Interval(value=52.6, low=46.5, high=58.7),
            is_beyond_chance=False,
        ),
        by_function=make_functions(),
        facts=make_facts(),
        quadrant=Quadrant(facts=Interval(value=41.0, low=37.0, high=45.0), others=others),
        silent_deciders=(
            SilentDecider(function="Executive sponsor", name="Maren Holt"),
            SilentDecider(function="Executive sponsor", name="Ines Vidal"),
            SilentDecider(function="Finance"),
        ),
        supplier_invited=14,
        supplier_answered=11,
        signature=Signature(signed_by="Kestrin Logistics", key_fingerprint="5e38f01d9ab764cb"),
    )
    return replace(card, **changes)
