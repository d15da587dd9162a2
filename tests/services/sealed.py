"""Signed documents for tests: a posterior, the card made from it by hand, and the PDF of both."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from statistics import NormalDist

from surveyapp.reports import html, packs, pdf, seal
from surveyapp.reports.context import Levels, Method, Score, ScorecardContext
from surveyapp.reports.evidence import Contrast, Estimated, Evidence, Scale
from surveyapp.reports.packs import Pack
from surveyapp.reports.seal import Attached
from surveyapp.reports.signing import SigningKey
from tests.reports.contexts import LEVELS, make_coverage, make_scorecard

NORMAL = NormalDist()
HALF = NORMAL.inv_cdf(0.95)
PACK = packs.find("scorecard")
OURS = SigningKey(bytes(range(32)), signed_by="survey.example.com")
ENTRIES = ("attitude", "intent", "integrity", "competency")
MEAN = (62.0, 71.5, 66.25, 58.0)
COVARIANCE = (16.0, 6.0, 25.0, 5.0, 4.0, 20.0, 3.0, 2.0, 6.0, 18.0)
"""Lower triangle."""
SEQ_SCALE = Scale(mean=70.0, sd=11.5)
CLIMATE_SCALE = Scale(mean=69.0, sd=12.0, groups=80, reliability=0.75)


def evidence() -> Evidence:
    return Evidence(
        kind="scorecard",
        run="run-1",
        bundle_sha256="ab" * 32,
        cuts=tuple(round((cut - 50) / 10, 6) for cut in LEVELS.cuts),
        level_names=LEVELS.names,
        confidence=0.90,
        entries=ENTRIES,
        mean=MEAN,
        covariance=COVARIANCE,
        contrasts={
            "seq": Contrast(weights={"attitude": 0.6, "intent": 0.4}, scale=SEQ_SCALE, n=19),
            "anchor": Contrast(weights={"attitude": 1.0}, scale=SEQ_SCALE, n=19),
            "climate:integrity": Contrast(weights={"integrity": 1.0}, scale=CLIMATE_SCALE, n=18),
        },
        estimates={
            "reference:integrity": Estimated(value=69.0, standard_error=0.0, scale=CLIMATE_SCALE)
        },
        counts={
            row.function: (
                *(row.invited, row.answered, row.deciders_invited, row.deciders_answered),
                *row.by_dimension,
            )
            for row in make_coverage()
        },
    )


def card() -> ScorecardContext:
    """The card of that posterior, each number written out by hand from the formulas."""
    value = 0.6 * 62.0 + 0.4 * 71.5
    error = (0.36 * 16.0 + 0.16 * 25.0 + 2 * 0.6 * 0.4 * 6.0) ** 0.5
    z, z_error = (value - 70.0) / 11.5, error / 11.5
    climate_z = (66.25 - 69.0) / 12.0
    information = 80 * 0.75
    climate_error = (
        20.0 / 144.0 + 1 / information + climate_z**2 / (2 * information * 0.75)
    ) ** 0.5
    cuts = evidence().cuts
    below = [0.0, *(NORMAL.cdf((cut - z) / z_error) for cut in cuts), 1.0]
    chances = tuple(high - low for low, high in pairwise(below))
    shares = [0.0, *(NORMAL.cdf(cut) for cut in cuts), 1.0]
    plain = make_scorecard()
    [integrity] = [row for row in plain.climate if row.dimension == "integrity"]
    return replace(
        plain,
        seq=_score(value, error, z, z_error, 19),
        chances=chances,
        call="cannot tell yet",
        label="Predisposed or Transactional, nearer Predisposed",
        levels=Levels(
            names=LEVELS.names,
            reference_shares=tuple(high - low for low, high in pairwise(shares)),
            cuts=tuple(50 + 10 * cut for cut in cuts),
        ),
        below_midpoint=NORMAL.cdf((50.0 - 62.0) / 4.0),
        climate=(
            replace(
                integrity,
                score=_score(66.25, 20.0**0.5, climate_z, climate_error, 18),
                reference_points=69.0,
            ),
        ),
        method=_method(plain.method),
    )


def _method(method: Method) -> Method:
    return replace(method, run_id="run-1", fingerprint="ab" * 32)


def _score(value: float, error: float, z: float, z_error: float, n: int) -> Score:
    return Score(
        value=50 + 10 * z,
        low=50 + 10 * (z - HALF * z_error),
        high=50 + 10 * (z + HALF * z_error),
        points=value,
        points_low=value - HALF * error,
        points_high=value + HALF * error,
        n=n,
    )


_DRAWN: dict[tuple[object, ...], bytes] = {}


def draw(text: str, pack: Pack, attached: Sequence[Attached]) -> bytes:
    """The real thing, done once for the same pages."""
    key = (text, pack.sha256, *attached)
    if key not in _DRAWN:
        _DRAWN[key] = pdf.write(text, pack, attached)
    return _DRAWN[key]


def document(
    context: ScorecardContext | None = None,
    *,
    told: Evidence | None = None,
    signer: SigningKey = OURS,
    pages: Callable[[ScorecardContext], ScorecardContext] = lambda card: card,
) -> bytes:
    """A signed scorecard; ``pages`` may say something else than the context beside them."""
    context = context or card()
    return seal.sealed(
        partial(draw, html.render(PACK, pages(context)), PACK),
        context=context.to_json().encode(),
        evidence=(told or evidence()).to_json(),
        pack=PACK,
        signer=signer,
        made_at=context.made_at,
    )
