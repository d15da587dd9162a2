"""Every number of a document made again from the evidence it carries, and compared."""

from dataclasses import dataclass, replace
from itertools import pairwise
from math import fsum, sqrt
from statistics import NormalDist
from typing import Final

import numpy as np

from surveyapp.reports.context import (
    Agreement,
    Levels,
    PortfolioContext,
    PortfolioRow,
    ScorecardContext,
)
from surveyapp.reports.evidence import Evidence, Scale, Spread
from surveyapp.scoring import agreement, levels, norms
from surveyapp.services import claims, evidence_drivers
from surveyapp.services.claims import Claim
from surveyapp.services.evidence_findings import Recomputed

CHANGED: Final = 0.10
"""Share of false alarms among the changes that are named (Benjamini-Hochberg)."""
SPLIT: Final = 0.95
"""Probability above which people of a relationship are called split."""
_FEWEST_TO_SPLIT: Final = 3
_MIDPOINT: Final = 50.0
_BEFORE: Final = "before:"
_NORMAL: Final = NormalDist()


def check(evidence: Evidence, context: ScorecardContext | PortfolioContext) -> Recomputed:
    """Make every number again that the document prints from estimates or counts."""
    found = Recomputed()
    is_card = isinstance(context, ScorecardContext)
    found.same("Kind", "scorecard" if is_card else "portfolio", evidence.kind)
    found.same("Scoring run", context.method.run_id, evidence.run)
    found.same("Data fingerprint", context.method.fingerprint, evidence.bundle_sha256)
    found.number("Confidence of the bars", context.method.confidence, evidence.confidence)
    _check_levels(found, evidence, context.levels)
    for claim in claims.of(context):
        _check_claim(found, evidence, claim)
    for name, place, is_beyond_chance in claims.changes(context):
        p_value = evidence.p_values.get(name)
        gives = None if p_value is None else p_value <= CHANGED
        found.same(f"{place}, more than chance", is_beyond_chance, gives)
    if isinstance(context, ScorecardContext):
        _check_card(found, evidence, context)
    else:
        _check_portfolio(found, evidence, context)
    return found


def _check_claim(found: Recomputed, evidence: Evidence, claim: Claim) -> None:
    number = _number(evidence, claim.name)
    if number is None and claim.name.startswith(_BEFORE):
        number = _before(evidence, claim.name.removeprefix(_BEFORE))
    if number is None:
        found.wrong.append(f"{claim.place}: the evidence holds nothing it is made from.")
        return
    gives = number.printed(evidence.confidence)
    for what, says in claim.says.items():
        found.number(f"{claim.place}, {what}", says, gives[what])


@dataclass(frozen=True, slots=True)
class _Number:
    """A number of the evidence: in points, and on its reference's curve."""

    value: float
    error: float
    z: float
    z_error: float
    scale: Scale
    n: int

    def printed(self, confidence: float) -> dict[str, float]:
        """Return everything a page can say of it."""
        half = _NORMAL.inv_cdf((1 + confidence) / 2)
        centre = 0.0 if self.scale.is_difference else 50.0
        position, width, points = centre + 10 * self.z, 10 * half * self.z_error, half * self.error
        return {
            "T": position,
            "T low": position - width,
            "T high": position + width,
            "points": self.value,
            "points low": self.value - points,
            "points high": self.value + points,
            "people": float(self.n),
            "reference": self.scale.mean,
            "below": self.below(_MIDPOINT),
        }

    def below(self, point: float) -> float:
        """Return the chance that the true value lies below a point."""
        if self.error == 0:
            return float(self.value < point)
        return _NORMAL.cdf((point - self.value) / self.error)


def _number(evidence: Evidence, name: str) -> _Number | None:
    """Make a number from the posterior, or take the one that is carried; None without either."""
    if (contrast := evidence.contrasts.get(name)) is not None:
        value, error = evidence.contrast(contrast.weights)
        return _on_scale(value, error, contrast.scale, contrast.n)
    if (carried := evidence.estimates.get(name)) is not None:
        return _on_scale(carried.value, carried.standard_error, carried.scale, carried.n)
    return None


def _before(evidence: Evidence, dimension: str) -> _Number | None:
    """Make the last wave's number: this wave's less the change, on this wave's curve."""
    now = _number(evidence, f"climate:{dimension}")
    change = _number(evidence, f"change:{dimension}")
    return now and change and replace(now, z=now.z - change.z)


def _on_scale(value: float, error: float, scale: Scale, n: int) -> _Number:
    z, z_error = norms.standardise(
        np.array([value]),
        np.array([error]),
        reference_mean=0.0 if scale.is_difference else scale.mean,
        reference_sd=scale.sd,
        reference_groups=scale.groups,
        reference_reliability=scale.reliability,
    )
    return _Number(value, error, float(z[0]), float(z_error[0]), scale, n)


def _check_levels(found: Recomputed, evidence: Evidence, said: Levels) -> None:
    found.same("Names of the levels", said.names, evidence.level_names)
    below = [0.0, *(_NORMAL.cdf(cut) for cut in evidence.cuts), 1.0]
    for position, (says, cut) in enumerate(zip(said.cuts, evidence.cuts, strict=False), 1):
        found.number(f"Cut {position}", says, 50 + 10 * cut)
    shares = [high - low for low, high in pairwise(below)]
    for name, says, share in zip(said.names, said.reference_shares, shares, strict=False):
        found.number(f"{name}, share of the reference", says, share)


def _check_chances(
    found: Recomputed, evidence: Evidence, name: str, said: ScorecardContext | PortfolioRow
) -> None:
    """Compare the four probabilities, the call and the level in words."""
    number = _number(evidence, name)
    if said.chances is None or number is None:
        return
    position, error = np.array([number.z]), np.array([number.z_error])
    chances = levels.probabilities(position, error, evidence.cuts)
    for level, says, gives in zip(evidence.level_names, said.chances, chances[0], strict=True):
        found.number(f"Chance of {level}", says, float(gives))
    [call], [label] = levels.call(chances), levels.label(chances, evidence.level_names)
    found.same("Call", said.call, call)
    found.same("Level", said.label, label)


def _check_card(found: Recomputed, evidence: Evidence, card: ScorecardContext) -> None:
    _check_chances(found, evidence, "seq", card)
    for row in card.climate:
        if row.agreement is not None:
            _check_agreement(found, evidence, row.label, row.dimension, row.agreement)
    said = {
        row.function: (
            *(row.invited, row.answered, row.deciders_invited, row.deciders_answered),
            *row.by_dimension,
        )
        for row in card.coverage
    }
    found.same("People asked and answered", said, dict(evidence.counts))


def _check_agreement(
    found: Recomputed, evidence: Evidence, label: str, dimension: str, said: Agreement
) -> None:
    spread = evidence.spreads.get(dimension)
    if spread is None:
        found.wrong.append(f"{label}: the evidence does not say how far people lie apart.")
        return
    found.number(f"{label}, spread", said.spread, spread.found)
    found.number(f"{label}, usual spread", said.usual, spread.usual)
    found.same(f"{label}, split", said.is_split, _is_split(spread))


def _is_split(spread: Spread) -> bool:
    """Apply the rule to answers with this spread: two apart, the others at the mean."""
    if spread.n < _FEWEST_TO_SPLIT:
        return False
    answers = np.zeros(spread.n)
    answers[:2] = spread.found * sqrt((spread.n - 1) / 2) * np.array([1.0, -1.0])
    everybody = np.zeros(spread.n, dtype=np.int64)
    [chance] = agreement.split_probability(answers, everybody, 1, usual_variance=spread.usual**2)
    return bool(chance > SPLIT)


def _check_portfolio(found: Recomputed, evidence: Evidence, report: PortfolioContext) -> None:
    for row in report.relationships:
        _check_chances(found, evidence, f"seq:{row.key}", row)
    said = {row.key: (row.invited, row.answered) for row in report.relationships}
    found.same("People asked and answered", said, dict(evidence.counts))
    shown = [row.chances for row in report.relationships if row.chances is not None]
    for name, says, column in zip(
        report.levels.names, report.mix or (), zip(*shown, strict=True), strict=False
    ):
        found.number(f"{name}, share of the portfolio", says, fsum(column) / len(shown))
    evidence_drivers.check(found, evidence, report)
