"""Which waves one scoring run looks at: the buyers' wave, the one before it, and the suppliers'."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from surveyapp.models.waves import View, Wave
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.encoding import ScoringPlan
from surveyapp.questionnaires.loading import from_canonical_json
from surveyapp.services import definitions, plans, score_entries
from surveyapp.services.score_entries import LAST, NOW, Layer

_LONGEST_ROUND: Final = timedelta(days=365)
"""A suppliers' wave that ended before the first buyers' wave opened still belongs to it."""
_SUPPLIERS: Final = (View.SUPPLIER_ON_ITSELF, View.SUPPLIER_ON_BUYER)


@dataclass(frozen=True, slots=True)
class Asked:
    """A wave as a layer of a state."""

    wave: Wave
    questionnaire: Questionnaire
    layer: Layer
    plan: ScoringPlan


def of(session: Session, anchor: Wave) -> list[Asked]:
    """Return the layers of a buyers' wave: itself, the last comparable wave, and the suppliers'.

    Comparable is the newest earlier wave that asked some of the same questions, in the same words,
    in every dimension of SEQ. Empty when the questionnaire gives no score.
    """
    now = _asked(anchor, NOW)
    if now is None or not now.layer.seq:
        return []
    closed = _closed(session, anchor)
    before = next(_comparable(now, closed), None)
    sisters = [_sister(closed, anchor, view, NOW) for view in _SUPPLIERS]
    found = [now, *(each for each in sisters if each)]
    if before:
        found.append(before)
        asked_now = {each.layer.view for each in found}
        earlier = [_sister(closed, before.wave, view, LAST) for view in _SUPPLIERS]
        found += [each for each in earlier if each and each.layer.view in asked_now]
    return found


def anchor_of(session: Session, wave: Wave) -> Wave | None:
    """Return the buyers' wave in whose run this wave counts, itself for a buyers' wave.

    It is the last one opened before this wave closed, or the next one within a year; None when there
    is none, or it is still open.
    """
    if wave.view == View.BUYER_ON_SUPPLIER:
        return wave
    anchor = _anchor(_closed(session, wave, and_open=True), wave)
    return anchor if anchor and anchor.closed_at else None


def _closed(session: Session, wave: Wave, *, and_open: bool = False) -> list[Wave]:
    """Return the programme's waves that are over, newest first."""
    query = (
        select(Wave)
        .where(Wave.programme_id == wave.programme_id, Wave.opened_at.is_not(None))
        .options(joinedload(Wave.questionnaire_version))
        .order_by(Wave.opened_at.desc(), Wave.id)
    )
    if not and_open:
        query = query.where(Wave.closed_at.is_not(None))
    return list(session.scalars(query))


def _comparable(now: Asked, closed: list[Wave]) -> Iterator[Asked]:
    for wave in closed:
        is_earlier = _opened(wave) < _opened(now.wave) and wave.id != now.wave.id
        if wave.view == now.wave.view and is_earlier:
            before = _asked(wave, LAST)
            if before and _shares_seq(now.layer, before.layer):
                yield before


def _shares_seq(now: Layer, before: Layer) -> bool:
    return all(score_entries.shared_items(now, before, dimension) for dimension in now.seq)


def _sister(closed: list[Wave], anchor: Wave, view: View, when: str) -> Asked | None:
    for wave in closed:
        is_theirs = wave.view == view and _is_same(_anchor(closed, wave), anchor)
        if is_theirs and (found := _asked(wave, when)):
            return found
    return None


def _is_same(one: Wave | None, other: Wave) -> bool:
    return one is not None and one.id == other.id


def _anchor(known: list[Wave], wave: Wave) -> Wave | None:
    """Find the buyers' wave a suppliers' wave belongs to; ``known`` comes newest first."""
    ended = wave.closed_at or wave.closes_at
    buyers = [
        each
        for each in known
        if each.view == View.BUYER_ON_SUPPLIER and not plans.why_no_score(_questionnaire(each))
    ]
    for each in buyers:
        if _opened(each) < ended:
            return each
    later = buyers[-1] if buyers else None
    return later if later and _opened(later) - ended <= _LONGEST_ROUND else None


def _questionnaire(wave: Wave) -> Questionnaire:
    return definitions.load(wave.questionnaire_version, "")


def _opened(wave: Wave) -> datetime:
    if wave.opened_at is None:
        raise ValueError(f"Wave {wave.slug} was never opened, so it belongs to no round.")
    return wave.opened_at


def _asked(wave: Wave, when: str) -> Asked | None:
    q = from_canonical_json(wave.questionnaire_version.canonical_json)
    plan = plans.plan_of(q)
    if plan is None or not plan.dimensions or plans.why_no_score(q):
        return None
    described = score_entries.layer(q, plan, view=wave.view.value, when=when, wave=wave.slug)
    return Asked(wave, q, described, plan)
