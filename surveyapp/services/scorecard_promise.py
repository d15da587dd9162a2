"""What a promise lets a scorecard say of who answered: groups of k people asked or more, no deciders."""

from collections.abc import Sequence

from surveyapp.reports.context import CoverageRow
from surveyapp.services.results import Frame
from surveyapp.services.run_files import RunFile
from surveyapp.services.scorecard_people import EVERYBODY

OTHERS = "Other functions"
"""What functions are called together that are too small to be told apart."""


def told(rows: Sequence[CoverageRow], *, minimum: int) -> tuple[CoverageRow, ...]:
    """Join functions with fewer than k people asked, and the next smallest while that is not enough.

    Of fewer than k people in all nothing is told; who decides is never counted apart under a promise,
    as those are few.
    """
    if minimum == 1:
        return tuple(rows)
    if sum(row.invited for row in rows) < minimum:
        return ()
    by_size = sorted((_plain(row) for row in rows), key=lambda row: row.invited)
    small = [row for row in by_size if row.invited < minimum]
    large = by_size[len(small) :]
    if not small:
        return tuple(reversed(large))
    pool = small
    while sum(row.invited for row in pool) < minimum:
        pool = [*pool, large.pop(0)]
    joined = CoverageRow(
        function=OTHERS if large else EVERYBODY,
        invited=sum(row.invited for row in pool),
        answered=sum(row.answered for row in pool),
    )
    return (*reversed(large), joined)


def is_alike(file: RunFile, frame: Frame, position: int) -> bool:
    """Tell whether everybody gave the same answers to all that SEQ rests on: then it tells each one's."""
    engagement = [each.id for each in frame.questionnaire.dimensions if each.kind == "engagement"]
    return all(file.spread(each, position)[1] == 0 for each in engagement)


def _plain(row: CoverageRow) -> CoverageRow:
    return CoverageRow(function=row.function, invited=row.invited, answered=row.answered)
