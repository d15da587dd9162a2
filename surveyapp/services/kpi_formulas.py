"""KPIs computed from other KPIs: read, checked for unknown names and circles, and evaluated.

The language is that of questionnaires. Unknown parts make the result unknown.
"""

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from surveyapp.questionnaires.evaluation import evaluate
from surveyapp.questionnaires.expression_types import Scope, complaints
from surveyapp.questionnaires.expressions import (
    Answer,
    Comparison,
    Expression,
    ExpressionError,
    Literally,
    Source,
    to_text,
    walk,
)
from surveyapp.questionnaires.parsing import parse, tokenise
from surveyapp.questionnaires.suggestions import did_you_mean

Formulas = Mapping[str, str]
"""The formula by KPI; empty for one that is observed."""
_SOURCE: Final = "kpi"
_NOTHING: Final = Scope(earlier={}, everything={}, grids={})


def parts_of(formula: str) -> list[str]:
    """Return the KPIs a formula names, each once, in order; none for an empty one."""
    if not formula:
        return []
    named = [node.name for node in walk(_parsed(formula)) if isinstance(node, Source)]
    return list(dict.fromkeys(named))


def objections(slug: str, formula: str, known: Formulas) -> list[str]:
    """List what is wrong with a KPI's formula, each with its place in it.

    Parameters
    ----------
    slug
        The KPI it is for.
    formula
        As somebody wrote it; not empty.
    known
        Every KPI in use with its formula; one for ``slug`` itself is replaced by this one.
    """
    try:
        tree = _parsed(formula)
    except ExpressionError as error:
        return [f"{_at(error.offset)}: {error}"]
    found = list(_about_names(tree, formula, known))
    if found:
        return found
    if not parts_of(formula):
        return ["A formula names at least one other KPI, as in kpi.on_time."]
    # what may be compared with a number is a number
    as_condition = Comparison(operator=">=", left=tree, right=Literally(value=0))
    if wrong := complaints(as_condition, _NOTHING):
        return ["The formula must come to a number.", *wrong]
    circle = circle_from(slug, {**known, slug: formula})
    if circle:
        names = " needs ".join(f"kpi.{name}" for name in circle)
        return [f"The formula goes round in a circle: {names}. Take one of them out."]
    return []


def circle_from(slug: str, formulas: Formulas) -> list[str]:
    """Return the way from a KPI back to itself, both ends included; empty when there is none."""
    ways = [[slug]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for part in parts_of(formulas.get(way[-1], "")):
            if part == slug:
                return [*way, slug]
            if part not in seen:
                seen.add(part)
                ways.append([*way, part])
    return []


def in_order(formulas: Formulas) -> list[str]:
    """Sort KPIs so that each stands behind those it needs. Formulas were checked for circles."""
    ordered: dict[str, None] = {}

    def place(slug: str) -> None:
        if slug in ordered:
            return
        for part in parts_of(formulas[slug]):
            if part in formulas:
                place(part)
        ordered[slug] = None

    for slug in formulas:
        place(slug)
    return list(ordered)


def users_of(slug: str, formulas: Formulas) -> list[str]:
    """Return the KPIs whose formula names this one."""
    return [name for name, formula in formulas.items() if slug in parts_of(formula)]


def result(formula: str, values: Mapping[str, float]) -> float | None:
    """Compute a formula from what is known; None when that is not enough."""
    found = evaluate(_parsed(formula), {}, {_SOURCE: values})
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found) if math.isfinite(found) else None


@lru_cache(maxsize=512)
def _parsed(formula: str) -> Expression:
    return parse(formula)


def _about_names(tree: Expression, formula: str, known: Formulas) -> Iterator[str]:
    for node in walk(tree):
        if isinstance(node, Answer):
            remedy = f"Write kpi.{node.id}." if node.id in known else "Write kpi. before its name."
            yield f"{_where(node.id, formula)}: there is no answer here, only KPIs. {remedy}"
        elif isinstance(node, Source) and node.source != _SOURCE:
            yield f"{_where(to_text(node), formula)}: a formula is about KPIs alone, as in kpi.on_time."
        elif isinstance(node, Source) and node.name not in known:
            hint = did_you_mean(node.name, known)
            yield f"{_where(to_text(node), formula)}: there is no KPI {node.name} in use.{hint}"


def _where(word: str, formula: str) -> str:
    """Find a word as a whole: kpi.on is no part of kpi.on_time."""
    offset = next(token.offset for token in tokenise(formula) if token.text == word)
    return _at(offset)


def _at(offset: int) -> str:
    return f"Character {offset + 1}"
