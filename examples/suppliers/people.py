"""Who is asked: an invented staff at the buyer, and one to six invented people at each vendor.

Nobody here is real: people are called by their work and a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

import numpy as np

from examples.suppliers.vendors import Vendor
from surveyapp.models.accounts import Function, Influence, Side

SEED = 20140630
MOST = 6
"""People of one side in a relationship."""
_STAFF = (
    (Function.PROCUREMENT, "Buyer", 14),
    (Function.OPERATIONS, "Planner", 12),
    (Function.USER, "Country manager", 10),
    (Function.FINANCE, "Controller", 4),
    (Function.LEGAL, "Counsel", 2),
    (Function.EXECUTIVE_SPONSOR, "Director", 3),
)
"""The buyer's staff: what they do, what they are called, how many."""
_CREW = (
    (Function.SALES, "Account manager"),
    (Function.OPERATIONS, "Dispatcher"),
    (Function.EXECUTIVE_SPONSOR, "Managing director"),
    (Function.FINANCE, "Accountant"),
    (Function.LEGAL, "Contracts lawyer"),
    (Function.IT, "Order systems"),
)
"""A vendor's people, the likeliest first."""
_INFLUENCE = {
    Function.PROCUREMENT: Influence.DECIDES,
    Function.EXECUTIVE_SPONSOR: Influence.DECIDES,
    Function.SALES: Influence.DECIDES,
    Function.USER: Influence.USES,
    Function.IT: Influence.USES,
}
"""All other functions influence."""
_DECIDES_NOTHING = 0.25
"""Chance that the buyer's first contact for a vendor only influences: somebody above decides."""


@dataclass(frozen=True, slots=True)
class Part:
    """One person's part in one relationship."""

    email: str
    name: str
    vendor: str
    """The vendor's reference, which also tells the relationship."""
    side: Side
    function: Function
    influence: Influence


def parts(vendors: Sequence[Vendor]) -> list[Part]:
    """Say who has a part in which relationship; the same vendor always has the same people."""
    return [part for vendor in vendors for part in (*_at_buyer(vendor), *_at_vendor(vendor))]


def _at_buyer(vendor: Vendor) -> list[Part]:
    rng = np.random.default_rng([SEED, 1, vendor.number])
    functions = [Function.PROCUREMENT]
    # everybody but the one for whom it is the work: in proportion to the staff
    pool = [function for function, _, count in _STAFF for _ in range(count)]
    functions += [pool[each] for each in rng.permutation(len(pool))][: _how_many(vendor, rng) - 1]
    found: dict[str, Part] = {}
    for function in functions:
        title, count = next((title, count) for each, title, count in _STAFF if each == function)
        number = int(rng.integers(1, count + 1))
        email = f"{title.lower().replace(' ', '-')}-{number}@scms.example"
        influence = _INFLUENCE.get(function, Influence.INFLUENCES)
        if function == Function.PROCUREMENT and rng.random() < _DECIDES_NOTHING:
            influence = Influence.INFLUENCES
        name = f"{title} {number}"
        found.setdefault(
            email, Part(email, name, vendor.reference, Side.BUYER, function, influence)
        )
    return list(found.values())


def _at_vendor(vendor: Vendor) -> list[Part]:
    rng = np.random.default_rng([SEED, 2, vendor.number])
    return [
        Part(
            email=f"{title.lower().replace(' ', '-')}@vendor-{vendor.number}.example",
            name=f"{title} {vendor.number}",
            vendor=vendor.reference,
            side=Side.SUPPLIER,
            function=function,
            influence=_INFLUENCE.get(function, Influence.INFLUENCES),
        )
        for function, title in _CREW[: _how_many(vendor, rng)]
    ]


def _how_many(vendor: Vendor, rng: np.random.Generator) -> int:
    """One to six: the more was ever shipped, the more people have to do with it."""
    shipped = sum(each.shipments for each in vendor.quarters)
    chance = min(0.15 + 0.25 * log10(shipped), 0.85)
    return 1 + int(rng.binomial(MOST - 1, chance))
