"""What a document carries so that its numbers can be made again: gathered from a run, by a worker."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from surveyapp.models.scorecards import Scorecard
from surveyapp.reports.context import PortfolioContext, ScorecardContext
from surveyapp.reports.evidence import Contrast, Estimated, Evidence, Scale, Spread
from surveyapp.services import (
    claims,
    evidence_checks,
    evidence_drivers,
    portfolio_numbers,
    portfolio_rollups,
    results,
    run_files,
    scorecard_climate,
    scorecard_people,
)
from surveyapp.services.portfolio_contexts import Portfolio
from surveyapp.services.portfolio_numbers import Mean
from surveyapp.services.run_files import Number, RunFile
from surveyapp.services.score_contrasts import Contrast as Named
from surveyapp.services.score_entries import BUYER, NOW
from surveyapp.storage import Store

Context = ScorecardContext | PortfolioContext
_MIDPOINT: Final = 50.0
_MOVES: Final = ("seq", "change")


def collect(session: Session, store: Store, document: Scorecard, context: Context) -> Evidence:
    """Gather what the document's numbers are made from, and nothing it does not show.

    Raises
    ------
    Conflict
        The run was made before runs kept their arrays: score the wave again.
    ValueError
        The document says a number that its run does not give: nobody could check it.
    """
    evidence = _collect(session, store, document, context)
    if wrong := evidence_checks.check(evidence, context).wrong:
        raise ValueError(f"Document {document.id} would not check: {' '.join(wrong[:5])}")
    return evidence


def _collect(session: Session, store: Store, document: Scorecard, context: Context) -> Evidence:
    run = document.run
    arrays = run_files.load(store, run)
    bare = Evidence(
        kind="scorecard" if isinstance(context, ScorecardContext) else "portfolio",
        run=str(run.id),
        bundle_sha256=run.bundle_hash,
        cuts=tuple(run.summary["cuts"]),
        level_names=tuple(run.summary["level_names"]),
        confidence=results.CONFIDENCE,
    )
    if isinstance(context, PortfolioContext):
        whole = Portfolio(session, store, run, locale=document.locale)
        return _portfolio(whole, context, bare)
    return _scorecard(document, arrays, context, bare)


def _scorecard(
    document: Scorecard, arrays: RunFile, card: ScorecardContext, bare: Evidence
) -> Evidence:
    place = arrays.position(str(document.relationship_id))
    names = {claim.name for claim in claims.of(card)}
    contrasts = {name: found for name in sorted(names) if (found := _contrast(arrays, place, name))}
    estimates = {
        **_known(arrays, place),
        **_functions(arrays, place),
        **_questions(document, arrays, place, card),
        **_references(arrays, card),
    }
    is_open = card.method.minimum_answers == 1
    if not is_open and (anchor := contrasts.pop("anchor", None)):
        estimates["anchor"] = _chance_only(arrays, place, anchor)
    return replace(
        _joint(arrays, place, contrasts, bare, is_open=is_open),
        estimates={name: each for name, each in estimates.items() if name in names},
        spreads={
            row.dimension: _spread(arrays, place, row.dimension)
            for row in card.climate
            if row.agreement is not None
        },
        p_values={
            name: float(arrays.adjusted_p(name)[place]) for name, _, _ in claims.changes(card)
        },
        counts=counts_of(card),
    )


def _chance_only(arrays: RunFile, place: int, anchor: Contrast) -> Estimated:
    """Return a number with the same chance of lying below the midpoint, and nothing else of it."""
    value, error = arrays.contrast(place, anchor.weights)
    return Estimated(
        value=_MIDPOINT + (value - _MIDPOINT) / error,
        standard_error=1.0,
        scale=Scale(mean=_MIDPOINT, sd=1.0),
    )


def _known(arrays: RunFile, place: int) -> dict[str, Estimated]:
    """SEQ among the people there are leans on their number, so it is no contrast of the state."""
    number = arrays.known(place)
    return {} if number is None else {"known": _estimated(number, _scale(arrays, "seq"))}


def _functions(arrays: RunFile, place: int) -> dict[str, Estimated]:
    """SEQ as each function sees it: the same prior, its answers alone, so no contrast of the state."""
    seq = arrays.contrasts["seq"]
    curve = Scale(mean=seq.reference_mean, sd=seq.reference_sd)
    return {
        f"function:{label}": _estimated(arrays.function(function.value, place), curve)
        for function, label in scorecard_people.FUNCTION_LABELS.items()
        if function.value in arrays.functions
    }


def _questions(
    document: Scorecard, arrays: RunFile, place: int, card: ScorecardContext
) -> dict[str, Estimated]:
    """Questions have a small state of their own beside their dimension's, so no contrasts either."""
    questionnaire = results.frame(document.run, locale=document.locale).questionnaire
    return {
        f"item:{row.dimension}:{position}": _estimated(
            arrays.question(unit.id, place), _question_scale(arrays, unit.id)
        )
        for row in card.climate
        for position, unit in enumerate(
            scorecard_climate.questions_of(questionnaire, row.dimension)
        )
        if unit.id in arrays.questions
    }


def _question_scale(arrays: RunFile, item: str) -> Scale:
    mean, sd = arrays.question_scale(item)
    return Scale(mean=mean, sd=sd)


def _references(arrays: RunFile, card: ScorecardContext) -> dict[str, Estimated]:
    """Return the mean each dimension is read against, also where the dimension is hidden."""
    curves = {row.dimension: _scale(arrays, f"climate:{row.dimension}") for row in card.climate}
    return {
        f"reference:{dimension}": Estimated(value=curve.mean, standard_error=0.0, scale=curve)
        for dimension, curve in curves.items()
    }


def _spread(arrays: RunFile, place: int, dimension: str) -> Spread:
    n, found, usual, _ = arrays.spread(dimension, place)
    return Spread(found=found, usual=usual, n=n)


def _contrast(arrays: RunFile, place: int, name: str) -> Contrast | None:
    """Return a named number as weights on the whole state; None for what is no contrast."""
    if name == "anchor":
        engaged = [each for each in arrays.contrasts if each.startswith("engagement:")]
        name = "engagement:attitude" if "engagement:attitude" in engaged else engaged[0]
    if name not in arrays.contrasts:
        return None
    weights = arrays.contrasts[name].weights
    return Contrast(weights=weights, scale=_scale(arrays, name), n=arrays.number(name, place).n)


def _scale(arrays: RunFile, name: str) -> Scale:
    return _scale_of(arrays.contrasts[name])


def _scale_of(found: Named) -> Scale:
    return Scale(
        mean=found.reference_mean,
        sd=found.reference_sd,
        groups=found.reference_groups,
        reliability=found.reference_reliability,
        is_difference=found.is_difference,
    )


def _joint(
    arrays: RunFile,
    place: int,
    contrasts: Mapping[str, Contrast],
    bare: Evidence,
    *,
    is_open: bool,
) -> Evidence:
    """Cut the posterior down to what may be shown, and write the contrasts on that.

    Where a promise hides small numbers, an entry of the state that stands nowhere on the page may
    rest on too few people. Then the contrast itself becomes the entry, and what it is made of stays out.
    """
    printed = {entry for each in contrasts.values() for entry in each.weights if each.is_plain}
    rows: dict[str, NDArray[np.float64]] = {}
    written: dict[str, Contrast] = {}
    for name, each in contrasts.items():
        if all(entry in printed or _is_open(entry, is_open=is_open) for entry in each.weights):
            rows |= {entry: _row(arrays, {entry: 1.0}) for entry in each.weights}
            written[name] = each
        else:
            rows[f"contrast/{name}"] = _row(arrays, each.weights)
            written[name] = replace(each, weights={f"contrast/{name}": 1.0})
    made = np.array([*rows.values()]).reshape(len(rows), len(arrays.entries))
    covariance = made @ arrays.covariance(place) @ made.T
    return replace(
        bare,
        entries=tuple(rows),
        mean=tuple((made @ arrays.mean[place]).tolist()),
        covariance=tuple(covariance[np.tril_indices(len(rows))].tolist()),
        contrasts=written,
    )


def _is_open(entry: str, *, is_open: bool) -> bool:
    """Tell whether an entry may be seen by itself: a fact, or a view under no promise."""
    return entry.startswith("kpi/") or (is_open and entry.startswith(f"{BUYER}/{NOW}/"))


def _row(arrays: RunFile, weights: Mapping[str, float]) -> NDArray[np.float64]:
    return np.array([weights.get(entry, 0.0) for entry in arrays.entries])


def _portfolio(whole: Portfolio, report: PortfolioContext, bare: Evidence) -> Evidence:
    arrays = whole.file
    estimates: dict[str, Estimated] = {}
    p_values: dict[str, float] = {}
    for row in report.relationships:
        place = arrays.position(row.key)
        if row.seq is not None:
            estimates[f"seq:{row.key}"] = _named(arrays, "seq", place)
        if row.change is not None:
            now, change = (portfolio_numbers.mean(arrays, [place], each) for each in _MOVES)
            estimates[f"change:{row.key}"] = _named(arrays, "change", place)
            estimates[f"before:{row.key}"] = _averaged(portfolio_numbers.before(now, change))
            p_values[f"change:{row.key}"] = float(arrays.adjusted_p()[place])
    if report.movement is not None:
        together = portfolio_numbers.mean(arrays, whole.compared, "change")
        estimates["movement"], p_values["movement"] = _averaged(together), together.p
    if whole.partnership is not None:
        estimates["partnership"] = _averaged(whole.partnership.mean)
    groups = whole.groups
    for name, each in portfolio_rollups.estimates(groups):
        estimates[name] = _averaged(each)
    for name, p_value in portfolio_rollups.p_values(groups).items():
        p_values[f"change:{name}"] = p_value
    counts = {row.key: (row.invited, row.answered) for row in report.relationships}
    return replace(
        bare,
        estimates=estimates,
        p_values=p_values,
        counts=counts,
        drivers=evidence_drivers.of(arrays, report),
    )


def _averaged(mean: Mean) -> Estimated:
    return Estimated(
        value=mean.value,
        standard_error=mean.standard_error,
        scale=_scale_of(mean.contrast),
        n=mean.relationships,
    )


def _named(arrays: RunFile, name: str, place: int) -> Estimated:
    return _estimated(arrays.number(name, place), _scale(arrays, name))


def _estimated(number: Number, scale: Scale) -> Estimated:
    return Estimated(
        value=number.value, standard_error=number.standard_error, scale=scale, n=number.n
    )


def counts_of(card: ScorecardContext) -> dict[str, tuple[int, ...]]:
    """Return people asked and answered, and the same of deciders, by function."""
    return {
        row.function: (
            *(row.invited, row.answered, row.deciders_invited, row.deciders_answered),
            *row.by_dimension,
        )
        for row in card.coverage
    }
