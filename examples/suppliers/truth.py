"""What is true in the simulated world: how each relationship is really felt, by whom, and when.

Everything is in standard deviations of relationships' true states, mean 0; README.md states the model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from examples.suppliers.people import SEED
from examples.suppliers.vendors import Period, Vendor

Floats = NDArray[np.float64]

LAST = Period(2014, 2)
"""Shares delivered on time in the four quarters up to this one move the states."""
CORE = (
    *("attitude", "intent", "integrity", "competency"),
    *("recognition", "proactivity", "savvy", "chemistry"),
)
"""What the buyer feels, and what the supplier expects the buyer to feel."""
BLOCKS = (
    *("partnership", "communication", "help", "hindrance", "fair_chance"),
    *("people", "practices"),
)
"""What the supplier feels about the buyer."""
_FACTS = 0.6
"""Correlation of the general state with the share delivered on time."""
_COMPETENCY = 0.5
"""What competency takes from the facts besides, within its own part."""
_BETWEEN = 0.8
"""Correlation of two dimensions of a relationship."""
_MUTUAL = 0.45
"""Correlation of how the two sides feel about each other."""
_INSIGHT, _OPTIMISM, _BLINDNESS = 0.6, 0.4, 1.8
"""Of what the buyer feels suppliers see so much; they add so much, and some of them far more."""
_CHANGED, _BLIND, _SPLIT, _DECIDERS_SILENT = 0.18, 0.12, 0.12, 0.15
"""Shares of relationships that change between the waves, are blind, split, without their deciders."""
_STEP, _DRIFT = 1.6, 0.15
"""How far those that change go; how far the others drift."""
_SPLIT_BY = 1.9
"""Half the buyer's people feel so much better than the state, half so much worse."""
_PRIOR_SHIPMENTS = 10
"""On-time shares are drawn towards the vendors' mean as if by so many shipments: one is no proof."""


@dataclass(frozen=True, slots=True)
class Truth:
    """One relationship as it is. What holds for both waves is a pair, the earlier wave first."""

    felt: tuple[Floats, Floats]
    """By the buyer, over ``CORE``."""
    expected: tuple[Floats, Floats]
    """By the supplier of the buyer, over ``CORE``."""
    returned: tuple[Floats, Floats]
    """By the supplier about the buyer, over ``BLOCKS``."""
    split_by: float
    """0, or how far the buyer's people are from the state, half of them each way."""
    are_deciders_silent: bool


def truths(vendors: Sequence[Vendor]) -> dict[str, Truth]:
    """Draw every relationship's state, by its vendor's reference; the facts of its last year move it."""
    facts = _on_time(vendors)
    return {
        vendor.reference: _draw(fact, np.random.default_rng([SEED, 4, vendor.number]))
        for vendor, fact in zip(vendors, facts, strict=True)
    }


def _on_time(vendors: Sequence[Vendor]) -> Floats:
    """Standardise the on-time shares of the last year with shipments; NaN where there is none."""
    cases = np.array(
        [
            [sum(each.on_time for each in quarters), sum(each.shipments for each in quarters)]
            for quarters in (vendor.year_to(LAST) for vendor in vendors)
        ],
        dtype=np.float64,
    )
    has_facts = cases[:, 1] > 0
    usual = float((cases[has_facts, 0] / cases[has_facts, 1]).mean())
    share = (cases[:, 0] + _PRIOR_SHIPMENTS * usual) / (cases[:, 1] + _PRIOR_SHIPMENTS)
    # most vendors are never late: by amounts, the few that are would make up the whole scale
    rank = rankdata(share[has_facts])
    z = np.full(len(vendors), np.nan)
    z[has_facts] = (rank - rank.mean()) / rank.std()
    return z


def _draw(fact: float, rng: np.random.Generator) -> Truth:
    has_fact = bool(np.isfinite(fact))
    general = rng.standard_normal()
    if has_fact:
        general = _FACTS * fact + sqrt(1 - _FACTS**2) * general
    own = rng.standard_normal(len(CORE))
    if has_fact:
        place = CORE.index("competency")
        own[place] = _COMPETENCY * fact + sqrt(1 - _COMPETENCY**2) * own[place]
    now = sqrt(_BETWEEN) * general + sqrt(1 - _BETWEEN) * own
    step = _DRIFT * rng.standard_normal()
    if rng.random() < _CHANGED:
        step = _STEP * float(rng.choice([-1.0, 1.0]))
    before = now - step
    blindness = _OPTIMISM + (_BLINDNESS if rng.random() < _BLIND else 0.0)
    guess = 0.4 * rng.standard_normal(len(CORE)) + blindness
    back = _MUTUAL * general + sqrt(1 - _MUTUAL**2) * rng.standard_normal()
    returned = sqrt(_BETWEEN) * back + sqrt(1 - _BETWEEN) * rng.standard_normal(len(BLOCKS))
    return Truth(
        felt=(before, now),
        expected=(_INSIGHT * before + guess, _INSIGHT * now + guess),
        returned=(returned - _MUTUAL * step, returned),
        split_by=_SPLIT_BY if rng.random() < _SPLIT else 0.0,
        are_deciders_silent=bool(rng.random() < _DECIDERS_SILENT),
    )
