"""From what a relationship is to what one person ticks: temper, chance, the scale's printed points."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import exp

import numpy as np

from examples.suppliers.people import SEED, Part
from examples.suppliers.truth import BLOCKS, CORE, Truth
from surveyapp.models.accounts import Function, Influence, Side
from surveyapp.models.waves import View
from surveyapp.questionnaires import rules
from surveyapp.questionnaires.answers import Unit, answerable, escape, parse
from surveyapp.questionnaires.definition import Questionnaire, Scored
from surveyapp.questionnaires.values import Value

_CENTRE, _STATE, _LENIENCY, _HALO, _DIMENSION, _ITEM = 5.2, 0.76, 0.3, 0.69, 0.6, 0.7
"""In points of a scale from 1 to 7: the mean, and standard deviations of the relationships' states,
of a person's leniency everywhere and halo here, of a dimension and of an item for one person. They
make the spread that ``assumed-1`` assumes: ICC .33, correlations .8 between and .5 within."""
_FUNCTIONS = {
    Function.PROCUREMENT: -0.3,
    Function.FINANCE: -0.2,
    Function.USER: 0.1,
    Function.EXECUTIVE_SPONSOR: 0.3,
}
"""What a function adds for everybody in it."""
_RESPONDS, _SKIPS = (0.85, 0.80), 0.03
"""Share of people who answer, in the earlier and the later wave; of relationships they leave out."""
_IDLE, _NO_BASIS, _SECONDS, _IDLE_SECONDS = 0.03, 0.06, 8.0, 1.0
"""Shares of people who tick without reading and of items nobody can judge; seconds an item takes."""
_IDLE_POINT = 6


@dataclass(frozen=True, slots=True)
class Page:
    """One section as somebody fills it in."""

    section_id: str
    answers: dict[str, Value]
    took: timedelta


def has_answered(part: Part, truth: Truth, wave: int) -> bool:
    """Tell whether somebody answers about a relationship in the first (0) or second wave (1)."""
    is_decider = part.side == Side.BUYER and part.influence == Influence.DECIDES
    if truth.are_deciders_silent and is_decider:
        return False
    # who sits down at the link answers about nearly everybody it leads to
    rng = np.random.default_rng([SEED, _number(part.email, "sits down"), wave])
    return rng.random() < _RESPONDS[wave] and bool(_chance(part, "skips", wave).random() >= _SKIPS)


def pages(
    questionnaire: Questionnaire, part: Part, truth: Truth, *, view: View, wave: int
) -> Iterator[Page]:
    """Fill in a questionnaire section by section, what the answers hide left out."""
    rng = _chance(part, view.value, wave)
    felt = _felt(part, truth, view, wave, rng)
    is_idle = rng.random() < _IDLE
    given: dict[str, Value] = {}
    for section in questionnaire.sections:
        here: dict[str, Value] = {}
        count = 0
        for item in section.items:
            if not rules.is_visible(questionnaire, item, given):
                continue
            dimension = getattr(item, "dimension", None) if isinstance(item, Scored) else None
            for unit in answerable(questionnaire, item):
                value = _value(unit, felt.get(dimension or "attitude", _CENTRE), rng, is_idle)
                if value is not None:
                    here[unit.id] = given[unit.id] = value
                    count += 1
        seconds = count * (_IDLE_SECONDS if is_idle else _SECONDS * rng.uniform(0.6, 1.8))
        yield Page(section.id, here, timedelta(seconds=seconds))


def _felt(
    part: Part, truth: Truth, view: View, wave: int, rng: np.random.Generator
) -> Mapping[str, float]:
    """What one person feels of each dimension, in points. Leniency and halo are theirs in all waves."""
    names = BLOCKS if view == View.SUPPLIER_ON_BUYER else CORE
    state = {
        View.BUYER_ON_SUPPLIER: truth.felt,
        View.SUPPLIER_ON_ITSELF: truth.expected,
        View.SUPPLIER_ON_BUYER: truth.returned,
    }[view][wave]
    own = _LENIENCY * _lasting(part, "leniency", everywhere=True)
    own += _HALO * _lasting(part, view.value)
    own += _FUNCTIONS.get(part.function, 0.0)
    if view == View.BUYER_ON_SUPPLIER:
        own += truth.split_by * float(np.sign(_lasting(part, "camp")))
    noise = _DIMENSION * rng.standard_normal(len(names))
    return {
        name: _CENTRE + _STATE * float(state[place]) + own + float(noise[place])
        for place, name in enumerate(names)
    }


def _value(unit: Unit, felt: float, rng: np.random.Generator, is_idle: bool) -> Value | None:  # noqa: FBT001
    """Answer one thing; None for what is left empty: open questions, and options nobody feels."""
    felt += _ITEM * rng.standard_normal()
    if unit.points:
        if is_idle:
            return parse(unit, str(min(_IDLE_POINT, max(unit.points))))
        if unit.escape is not None and rng.random() < _NO_BASIS:
            return escape(unit.escape.code)
        share = float(np.clip((felt - 1) / 6, 0, 1))
        low, high = min(unit.points), max(unit.points)
        point = round(low + (high - low) * (1 - share if unit.reverse else share))
        return parse(unit, str(point))
    if unit.options:
        return parse(unit, _option(unit, felt, rng))
    return None


def _option(unit: Unit, felt: float, rng: np.random.Generator) -> str:
    """Choose the better option the likelier the better things are; one without points now and then."""
    scored = sorted((each.points, each.code) for each in unit.options if each.points is not None)
    others = [each.code for each in unit.options if each.points is None]
    if not scored or (others and rng.random() < 0.2):  # noqa: PLR2004 one in five
        return str(rng.choice(others or [code for _, code in scored]))
    is_good = rng.random() < 1 / (1 + exp(-1.5 * (felt - 4.4)))
    return scored[-1 if is_good else 0][1]


def _lasting(part: Part, what: str, *, everywhere: bool = False) -> float:
    """Draw what a person keeps from wave to wave, in standard deviations."""
    where = "" if everywhere else part.vendor
    return float(np.random.default_rng([SEED, _number(part.email, where, what)]).standard_normal())


def _chance(part: Part, what: str, wave: int) -> np.random.Generator:
    """One person's chance in one wave about one relationship, whoever else is asked."""
    return np.random.default_rng([SEED, _number(part.email, part.vendor, what), wave])


def _number(*words: str) -> int:
    return zlib.crc32("|".join(words).encode())
