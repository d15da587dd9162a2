"""Cut sets: where one level ends and the next begins. Two are built in, a programme adds its own."""

import math
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import NormalDist
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyapp.errors import Invalid, NotFound
from surveyapp.models.programmes import Programme
from surveyapp.models.scoring_rules import CutSet

CUTS: Final = 3
"""Between four levels."""
_FARTHEST: Final = 5.0
"""In z: beyond it a level would be empty."""
_LONGEST: Final = 48
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{1,47}")


@dataclass(frozen=True, slots=True)
class Cuts:
    """One set, by name and version."""

    name: str
    version: int
    cuts: tuple[float, ...]
    """Ascending, in z of the reference set."""
    origin: str
    by: str = ""
    """Empty for a built-in one."""
    created_at: datetime | None = None

    @property
    def id(self) -> str:
        """Name it as runs and documents do, for example ``seed-shares 1``."""
        return f"{self.name} {self.version}"


_SHARES: Final = (0.10, 0.34, 0.80)
BUILT_IN: Final = (
    Cuts(
        "seed-shares",
        1,
        tuple(NormalDist().inv_cdf(share) for share in _SHARES),
        "10, 24, 46 and 20 per cent of the reference set",
    ),
    Cuts("seed-words", 1, (-1.0, 0.0, 1.0), "one spread below, at, and one above the mean"),
)
"""The same numbers as ``scoring.norms.CUT_SETS``, without SciPy."""


def listed(session: Session, programme: Programme) -> list[Cuts]:
    """Return the built-in sets, then the programme's own, newest version first."""
    own = session.scalars(
        select(CutSet)
        .where(CutSet.programme_id == programme.id)
        .order_by(CutSet.name, CutSet.version.desc())
    )
    return [*BUILT_IN, *(_read(each) for each in own)]


def find(session: Session, programme: Programme, cut_id: str) -> Cuts:
    """Return the set of this name and version. Raises NotFound."""
    for each in listed(session, programme):
        if each.id == cut_id:
            return each
    raise NotFound(f"There is no cut set {cut_id} in programme {programme.slug}.")


def checked(cuts: Sequence[float]) -> list[float]:
    """Return three cuts that ascend. Raises Invalid with the remedy."""
    if len(cuts) != CUTS or not all(
        math.isfinite(each) and abs(each) <= _FARTHEST for each in cuts
    ):
        raise Invalid(f"Write {CUTS} cuts between -{_FARTHEST:g} and {_FARTHEST:g}, in spreads.")
    if not all(low < high for low, high in pairwise(cuts)):
        raise Invalid("Each cut must be larger than the one before it.")
    return [float(each) for each in cuts]


def next_version(session: Session, programme: Programme, name: str) -> int:
    """Return the number a new version of a name gets.

    Raises
    ------
    Invalid
        It is no name, or that of a built-in set.
    """
    if not _NAME.fullmatch(name):
        raise Invalid(f"Name the cuts with 2 to {_LONGEST} small letters, digits and hyphens.")
    if any(each.name == name for each in BUILT_IN):
        raise Invalid(f"{name} is built in and is never changed. Choose another name.")
    last = session.scalar(
        select(func.max(CutSet.version)).where(
            CutSet.programme_id == programme.id, CutSet.name == name
        )
    )
    return (last or 0) + 1


def freeze(
    session: Session,
    programme: Programme,
    name: str,
    cuts: Sequence[float],
    *,
    origin: str,
    by: str,
    at: datetime,
) -> Cuts:
    """Keep a new version for good; the turn of the programme must be held."""
    low, middle, high = checked(cuts)
    made = CutSet(
        id=uuid.uuid4(),
        programme_id=programme.id,
        name=name,
        version=next_version(session, programme, name),
        low=low,
        middle=middle,
        high=high,
        origin=origin,
        by=by,
        created_at=at,
    )
    session.add(made)
    session.flush()
    return _read(made)


def _read(row: CutSet) -> Cuts:
    cuts = (row.low, row.middle, row.high)
    return Cuts(row.name, row.version, cuts, row.origin, row.by, row.created_at)
