"""Check what an expression asks for: earlier items only, and values of the right kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from surveyapp.questionnaires.answers import Unit
from surveyapp.questionnaires.constant_checks import is_date, misfit
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
    to_text,
)
from surveyapp.questionnaires.items import (
    Assured,
    Date,
    File,
    Grid,
    LongText,
    MultipleChoice,
    Number,
    Ranking,
    Rating,
    Recommendation,
    ShortText,
    SingleChoice,
)
from surveyapp.questionnaires.suggestions import did_you_mean


class Kind(StrEnum):
    """What an expression comes to, as an author would say it."""

    NUMBER = "a number"
    CHOICE = "a choice"
    CHOICES = "a multiple choice"
    DATE = "a date"
    TEXT = "a text"
    LIST = "a list"
    FILE = "a file"
    TRUTH = "a condition"
    ANY = "a fact"
    """Facts from outside are checked when they are there: they may be of any kind."""


_KIND_OF_ITEM: Final[dict[type, Kind]] = {
    Rating: Kind.NUMBER,
    Grid: Kind.NUMBER,
    Recommendation: Kind.NUMBER,
    Number: Kind.NUMBER,
    SingleChoice: Kind.CHOICE,
    MultipleChoice: Kind.CHOICES,
    Assured: Kind.CHOICE,
    Ranking: Kind.CHOICES,
    Date: Kind.DATE,
    ShortText: Kind.TEXT,
    LongText: Kind.TEXT,
    File: Kind.FILE,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression at some place may name."""

    earlier: Mapping[str, Unit]
    everything: Mapping[str, Unit]
    grids: Mapping[str, Grid]
    values: Mapping[str, Kind] = field(default_factory=dict)
    """What is calculated before this, and what it comes to."""
    shuffled: frozenset[str] = frozenset()
    """Items that ``random`` may put before this or after."""
    repeated: frozenset[str] = frozenset()
    """Items of repeated sections other than this one: each has several answers."""
    here: str = ""
    """The item this stands at."""


def complaints(tree: Expression, scope: Scope) -> list[str]:
    """List what is wrong with an expression that is to be a condition."""
    checker = _Checker(scope)
    checker.expect_condition(tree)
    return checker.found


def value_kind(tree: Expression, scope: Scope) -> tuple[Kind, list[str]]:
    """Say what a calculation comes to, and what is wrong with it."""
    checker = _Checker(scope)
    kind = checker.kind(tree)
    if kind in (Kind.TRUTH, Kind.LIST, Kind.CHOICES, Kind.FILE):
        checker.found.append(
            f"{to_text(tree)} is {kind}. Calculate a number, a text or a date; if(..., 1, 0) makes a "
            "number of a condition."
        )
    return kind, checker.found


class _Checker:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.found: list[str] = []

    def expect_condition(self, tree: Expression) -> None:
        kind = self.kind(tree)
        if kind not in (Kind.TRUTH, Kind.ANY):
            self.found.append(
                f"{to_text(tree)} is {kind}, not a condition. Compare it with something, "
                "or ask answered(...)."
            )

    def expect_number(self, tree: Expression) -> None:
        kind = self.kind(tree)
        if kind not in (Kind.NUMBER, Kind.ANY):
            self.found.append(f"{to_text(tree)} is {kind}; a number is needed here.")

    def expect_date(self, tree: Expression) -> None:
        kind = self.kind(tree)
        is_written = isinstance(tree, Literally) and is_date(tree.value)
        if kind not in (Kind.DATE, Kind.ANY) and not is_written:
            self.found.append(f"{to_text(tree)} is {kind}; a date is needed here.")

    def kind(self, tree: Expression) -> Kind:  # noqa: PLR0911  # one case a node
        match tree:
            case Literally():
                return Kind.TEXT if isinstance(tree.value, str) else Kind.NUMBER
            case Answer():
                return self.answer(tree.id)
            case Arithmetic():
                self.expect_number(tree.left)
                self.expect_number(tree.right)
                return Kind.NUMBER
            case Call():
                return self.call(tree)
            case Source():
                return self.source(tree)
            case Listing():
                return Kind.LIST
            case Not() | Junction() | Comparison() | Membership():
                self.condition(tree)
                return Kind.TRUTH

    def source(self, tree: Source) -> Kind:
        if tree.source != "prev":
            return Kind.ANY
        unit = self.scope.everything.get(tree.name)
        if unit is None:
            hint = did_you_mean(tree.name, self.scope.everything)
            self.found.append(f"There is no item {tree.name} to ask the last wave for.{hint}")
            return Kind.ANY
        return _KIND_OF_ITEM.get(type(unit.item), Kind.ANY)

    def answer(self, name: str) -> Kind:
        if name in self.scope.values:
            return self.scope.values[name]
        if name in self.scope.earlier:
            return _KIND_OF_ITEM[type(self.scope.earlier[name].item)]
        if name == self.scope.here:
            sentence = f"{name} would hang on itself: a circle. Name an item before it."
        elif name in self.scope.repeated:
            sentence = f"{name} is asked several times. Only its own section can name it."
        elif name in self.scope.shuffled:
            sentence = (
                f"random may put {name} after this. Name an item outside of what is shuffled."
            )
        elif name in self.scope.everything:
            sentence = f"{name} is not asked before this. A condition sees only earlier items."
        elif name in self.scope.grids:
            rows = ", ".join(row.id for row in self.scope.grids[name].rows)
            sentence = f"{name} is a grid. Name one of its rows: {rows}."
        else:
            hint = did_you_mean(name, self.scope.everything)
            sentence = f"There is no item {name}.{hint} Put the code of an option in quotes."
        self.found.append(sentence)
        return Kind.ANY

    def condition(self, tree: Not | Junction | Comparison | Membership) -> None:
        match tree:
            case Not():
                self.expect_condition(tree.part)
            case Junction():
                for part in tree.parts:
                    self.expect_condition(part)
            case Comparison():
                self.comparison(tree)
            case Membership():
                self.membership(tree)

    def comparison(self, tree: Comparison) -> None:
        left, right = self.kind(tree.left), self.kind(tree.right)
        for kind, side in ((left, tree.left), (right, tree.right)):
            if kind in (Kind.CHOICES, Kind.LIST, Kind.TRUTH, Kind.FILE):
                remedy = f"Write any_of({to_text(side)}, [...])." if kind is Kind.CHOICES else ""
                self.found.append(
                    f"{to_text(side)} is {kind} and cannot be compared. {remedy}".strip()
                )
                return
        if Kind.ANY not in (left, right) and _family(left) is not _family(right):
            self.found.append(f"{to_text(tree)} compares {left} with {right}.")
            return
        if tree.operator not in ("==", "!=") and {left, right} & {Kind.CHOICE}:
            self.found.append(f"{to_text(tree)}: a choice has no order. Use ==, != or in [...].")
        for one, other in ((tree.left, tree.right), (tree.right, tree.left)):
            if isinstance(one, Answer) and isinstance(other, Literally):
                self.constants(one, [other.value])

    def membership(self, tree: Membership) -> None:
        kind = self.kind(tree.value)
        if kind is Kind.CHOICES:
            name = to_text(tree.value)
            self.found.append(f"{name} is a multiple choice. Write any_of({name}, [...]).")
        elif kind in (Kind.TRUTH, Kind.LIST):
            self.found.append(f"{to_text(tree.value)} is {kind} and cannot be in a list.")
        elif isinstance(tree.value, Answer):
            self.constants(tree.value, tree.options)

    def constants(self, answer: Answer, values: Iterable[Constant]) -> None:
        """Check that an answer can be one of these at all."""
        unit = self.scope.earlier.get(answer.id)
        if unit is not None:
            found = (misfit(unit, value) for value in values)
            self.found.extend(sentence for sentence in found if sentence)

    def call(self, tree: Call) -> Kind:  # noqa: C901, PLR0911  # one case a function
        match tree.function:
            case "any_of" | "all_of":
                self.choices(tree.function, *tree.arguments)
                return Kind.TRUTH
            case "answered":
                self.answered(tree.arguments[0])
                return Kind.TRUTH
            case "count":
                self.count(tree.arguments[0])
                return Kind.NUMBER
            case "min" | "max" | "mean" | "round":
                for part in tree.arguments:
                    self.expect_number(part)
                return Kind.NUMBER
            case "if":
                self.expect_condition(tree.arguments[0])
                return self.alike(tree.function, tree.arguments[1:])
            case "coalesce":
                return self.alike(tree.function, tree.arguments)
            case "today":
                return Kind.DATE
            case "days_between":
                for part in tree.arguments:
                    self.expect_date(part)
                return Kind.NUMBER

    def choices(self, function: str, chosen: Expression, listed: Expression) -> None:
        kind = self.kind(chosen)
        if not isinstance(listed, Listing):
            self.found.append(
                f"{function}(...) needs a list: {function}({to_text(chosen)}, [a, b])."
            )
        elif kind not in (Kind.CHOICE, Kind.CHOICES, Kind.ANY):
            self.found.append(f"{function}(...) needs a choice; {to_text(chosen)} is {kind}.")
        elif isinstance(chosen, Answer):
            self.constants(chosen, listed.values)

    def answered(self, part: Expression) -> None:
        if isinstance(part, Answer):
            self.answer(part.id)
        else:
            self.found.append(f"answered(...) takes the id of an item, not {to_text(part)}.")

    def count(self, part: Expression) -> None:
        kind = self.kind(part)
        if kind not in (Kind.CHOICES, Kind.ANY):
            self.found.append(f"count(...) needs a multiple choice; {to_text(part)} is {kind}.")

    def alike(self, function: str, parts: Sequence[Expression]) -> Kind:
        kinds = [self.kind(part) for part in parts]
        families = {_family(kind) for kind in kinds if kind is not Kind.ANY}
        if len(families) > 1:
            self.found.append(f"{function}(...) mixes {' with '.join(sorted(set(kinds)))}.")
        return next((kind for kind in kinds if kind is not Kind.ANY), Kind.ANY)


def _family(kind: Kind) -> Kind:
    # codes, days and words are compared as texts
    return Kind.TEXT if kind in (Kind.CHOICE, Kind.DATE) else kind
