"""What a portfolio report says goes with SEQ, as evidence, and checked from it."""

import numpy as np

from surveyapp.reports.context import PortfolioContext
from surveyapp.reports.evidence import DriversEvidence, Evidence
from surveyapp.scoring.drivers import latent_shares
from surveyapp.services.evidence_findings import Recomputed
from surveyapp.services.run_files import RunFile


def of(arrays: RunFile, report: PortfolioContext) -> DriversEvidence | None:
    """Return the covariance that the shares are made from, and their bars; None without shares."""
    found = arrays.drivers()
    if found is None or report.drivers is None or not report.drivers.rows:
        return None
    lower = found.covariance[np.tril_indices(len(found.covariance))]
    bars = zip(found.low.tolist(), found.high.tolist(), strict=True)
    return DriversEvidence(covariance=tuple(lower.tolist()), bars=tuple(bars))


def check(found: Recomputed, evidence: Evidence, report: PortfolioContext) -> None:
    """Make the shares again; their bars rest on resamples, which a file does not carry."""
    said = report.drivers
    rows = said.rows if said else ()
    if said is None or not rows or evidence.drivers is None:
        found.same("What goes with SEQ", bool(rows), evidence.drivers is not None)
        return
    size = len(rows) + 1
    found.same("Dimensions that go with SEQ", len(rows), len(evidence.drivers.bars))
    if len(evidence.drivers.covariance) != size * (size + 1) // 2:
        found.same(
            "Dimensions that go with SEQ", size * (size + 1) // 2, len(evidence.drivers.covariance)
        )
        return
    matrix = np.zeros((size, size))
    matrix[np.tril_indices(size)] = evidence.drivers.covariance
    matrix += np.tril(matrix, -1).T
    shares, explained = latent_shares(matrix[np.newaxis])
    found.number("Explained by what goes with SEQ", said.explained, min(float(explained[0]), 1.0))
    for row, share, (low, high) in zip(rows, shares[0], evidence.drivers.bars, strict=False):
        found.number(f"{row.label}, share", row.share.value, float(share))
        found.number(f"{row.label}, low end of the share's bar", row.share.low, low)
        found.number(f"{row.label}, high end of the share's bar", row.share.high, high)
