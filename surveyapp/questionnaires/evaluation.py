"""Evaluate an expression over answers, by Kleene's three-valued logic."""

import datetime as dt
import math
import operator
from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import Enum
from typing import Any, Final, Literal, TypeGuard

from surveyapp.questionnaires.expressions import (
    Answer,
    Arithmetic,
    Call,
    Comparison,
    Constant,
    Expression,
    Junction,
    Listing,
    Literally,
    Membership,
    Not,
    Source,
)
from surveyapp.questionnaires.values import NO_SOURCES, Answers, Sources


class Unknown(Enum):
    """The third truth value."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
MOST_DIGITS: Final = 6
Result = bool | int | float | str | list[str] | Unknown
"""What an expression comes to."""


def evaluate(  # noqa: C901, PLR0911  # one case a node
    tree: Expression, answers: Answers, sources: Sources = NO_SOURCES
) -> Result:
    """Say what an expression comes to, given the answers on the path and the facts at hand."""
    match tree:
        case Literally():
            return tree.value
        case Listing():
            return [str(value) for value in tree.values]
        case Answer():
            return _answer(tree.id, answers)
        case Source():
            return sources.get(tree.source, {}).get(tree.name, UNKNOWN)
        case Not():
            return negation(evaluate(tree.part, answers, sources))
        case Junction():
            parts = (evaluate(part, answers, sources) for part in tree.parts)
            return conjunction(parts) if tree.node == "and" else disjunction(parts)
        case Comparison():
            left = evaluate(tree.left, answers, sources)
            return _compare(tree.operator, left, evaluate(tree.right, answers, sources))
        case Membership():
            return _is_one_of(evaluate(tree.value, answers, sources), tree.options)
        case Arithmetic():
            left = evaluate(tree.left, answers, sources)
            return _calculate(tree.operator, left, evaluate(tree.right, answers, sources))
        case Call():
            return _call(tree, answers, sources)


def _answer(answer_id: str, answers: Answers) -> Result:
    value = answers.get(answer_id, UNKNOWN)
    return UNKNOWN if isinstance(value, dict) else value


def negation(value: Result) -> Result:
    """Kleene's not."""
    return not value if isinstance(value, bool) else UNKNOWN


def conjunction(values: Iterable[Result]) -> Result:
    """Kleene's and: false as soon as one is false, else unknown if any is unknown."""
    result: Result = True
    for value in values:
        if value is False:
            return False
        if value is not True:
            result = UNKNOWN
    return result


def disjunction(values: Iterable[Result]) -> Result:
    """Kleene's or: true as soon as one is true, else unknown if any is unknown."""
    return negation(conjunction(negation(value) for value in values))


_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CALCULATE: Final[dict[str, Callable[[Any, Any], int | float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def _is_number(value: Result) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compare(sign: str, left: Result, right: Result) -> Result:
    both_numbers = _is_number(left) and _is_number(right)
    both_texts = isinstance(left, str) and isinstance(right, str)
    both_truths = isinstance(left, bool) and isinstance(right, bool) and sign in ("==", "!=")
    if both_numbers or both_texts or both_truths:
        return _COMPARE[sign](left, right)
    return UNKNOWN


def _is_one_of(value: Result, options: Sequence[Constant]) -> Result:
    if _is_number(value) or isinstance(value, str):
        return value in options
    return UNKNOWN


def _calculate(sign: str, left: Result, right: Result) -> Result:
    if not (_is_number(left) and _is_number(right)):
        return UNKNOWN
    try:
        return _CALCULATE[sign](left, right)
    except (ZeroDivisionError, OverflowError):
        # a rule that divides by an answer of 0 says nothing, and so shows nothing
        return UNKNOWN


def _call(  # noqa: PLR0911  # one case a function
    tree: Call, answers: Answers, sources: Sources
) -> Result:
    if tree.function == "answered":
        return all(isinstance(part, Answer) and part.id in answers for part in tree.arguments)
    if tree.function == "today":
        return sources.get("clock", {}).get("today", UNKNOWN)
    values = [evaluate(part, answers, sources) for part in tree.arguments]
    match tree.function:
        case "any_of":
            return _chosen(values, any)
        case "all_of":
            return _chosen(values, all)
        case "count":
            return len(values[0]) if isinstance(values[0], list) else UNKNOWN
        case "coalesce":
            return next((value for value in values if value is not UNKNOWN), UNKNOWN)
        case "if":
            return _choose(*values)
        case "days_between":
            return _days_between(*values)
        case "min" | "max" | "mean" | "round":
            numbers = [value for value in values if _is_number(value)]
            return UNKNOWN if len(numbers) < len(values) else _summary(tree.function, numbers)


def _chosen(values: Sequence[Result], quantify: Callable[[Iterable[bool]], bool]) -> Result:
    chosen, wanted = values
    if isinstance(chosen, str):
        chosen = [chosen]
    if not isinstance(chosen, list) or not isinstance(wanted, list):
        return UNKNOWN
    return quantify(code in chosen for code in wanted)


def _choose(condition: Result, then: Result, otherwise: Result) -> Result:
    if not isinstance(condition, bool):
        return UNKNOWN
    return then if condition else otherwise


def _days_between(first: Result, last: Result) -> Result:
    try:
        return (dt.date.fromisoformat(str(last)) - dt.date.fromisoformat(str(first))).days
    except ValueError:
        return UNKNOWN


def _summary(
    function: Literal["min", "max", "mean", "round"], numbers: Sequence[int | float]
) -> Result:
    match function:
        case "min":
            return min(numbers)
        case "max":
            return max(numbers)
        case "mean":
            return sum(numbers) / len(numbers)
        case "round":
            return _round_half_up(*numbers)


def _round_half_up(number: float, digits: float = 0) -> Result:
    # schoolbook rounding: 2.5 is 3, not Python's 2
    if not math.isfinite(number) or digits not in range(MOST_DIGITS + 1):
        return UNKNOWN
    step = Decimal(1).scaleb(-int(digits))
    with localcontext(prec=400):
        rounded = Decimal(repr(number)).quantize(step, ROUND_HALF_UP)
    return float(rounded) if digits else int(rounded)
