"""Conditions of a questionnaire as a reader without the pages understands them: by question numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from types import MappingProxyType
from typing import Final, Literal

from babel.lists import format_list
from babel.numbers import format_decimal

from surveyapp.questionnaires.answers import Unit
from surveyapp.questionnaires.expressions import (
    Answer,
    Call,
    Comparator,
    Comparison,
    Constant,
    Expression,
    Junction,
    Listing,
    Literally,
    Membership,
    Not,
)
from surveyapp.reports.words import Words

_TURNED: Final[Mapping[Comparator, Comparator]] = MappingProxyType(
    {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
)
_OPPOSITE: Final[Mapping[Comparator, Comparator]] = MappingProxyType(
    {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
)


_SPELLED_OUT: Final = 60
"""So many letters of options' labels a condition repeats; longer ones are called by their letter."""


class _Unsayable(Exception):
    """The rule rests on what is known of somebody, or on more than short words can say."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer is given: the question's number, and the row where it has several."""

    number: int
    row: str = ""


def letters(unit: Unit) -> Sequence[str]:
    """Return a letter for each option of a question; none where there are more than letters."""
    if len(unit.options) > len(ascii_lowercase):
        return [""] * len(unit.options)
    return ascii_lowercase[: len(unit.options)]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Says rules of one questionnaire in words."""

    words: Words
    places: Mapping[str, Place]
    """Of everything that can be answered, by id."""
    units: Mapping[str, Unit]

    def only_if(self, rule: Expression | None) -> str:
        """Say when something is asked; what words cannot say is left to the pages. None: always."""
        if rule is None:
            return ""
        try:
            return self.words.say("Only asked if %(condition)s.", condition=self._clause(rule))
        except _Unsayable:
            return self.words.say("Only asked when other answers or what is known call for it.")

    def needed_if(self, rule: Expression | None) -> str:
        """Say when an answer is needed, in the same way."""
        if rule is None:
            return ""
        try:
            return self.words.say("Needs an answer if %(condition)s.", condition=self._clause(rule))
        except _Unsayable:
            return self.words.say("Other answers may make an answer to this one needed.")

    def _clause(self, rule: Expression) -> str:
        match rule:
            case Junction():
                return self._joined(rule)
            case Not(part=part):
                return self._denied(part)
            case Comparison():
                return self._compared(rule.operator, rule.left, rule.right)
            case Membership(value=Answer(id=asked), options=options):
                values = self._listed(asked, options, "or")
                return self._is("==", asked, values)
            case Call(function="answered", arguments=(Answer(id=asked),)):
                return self.words.say("%(question)s is answered", question=self._question(asked))
            case Call(
                function="any_of" | "all_of" as which,
                arguments=(Answer(id=asked), Listing(values=values)),
            ):
                listed = self._listed(asked, values, "or" if which == "any_of" else "standard")
                return self.words.say(
                    "the answer to %(question)s includes %(values)s",
                    question=self._question(asked),
                    values=listed,
                )
        raise _Unsayable

    def _joined(self, rule: Junction) -> str:
        parts = [
            f"({self._clause(part)})" if isinstance(part, Junction) else self._clause(part)
            for part in rule.parts
        ]
        say = self.words.say
        return (say(" and ") if rule.node == "and" else say(" or ")).join(parts)

    def _denied(self, part: Expression) -> str:
        match part:
            case Comparison():
                return self._compared(_OPPOSITE[part.operator], part.left, part.right)
            case Membership(value=Answer(id=asked), options=options):
                return self._is("!=", asked, self._listed(asked, options, "or"))
            case Call(function="answered", arguments=(Answer(id=asked),)):
                question = self._question(asked)
                return self.words.say("%(question)s is not answered", question=question)
            case Call(function="any_of", arguments=(Answer(id=asked), Listing(values=values))):
                return self.words.say(
                    "the answer to %(question)s does not include %(values)s",
                    question=self._question(asked),
                    values=self._listed(asked, values, "or"),
                )
        raise _Unsayable

    def _compared(self, operator: Comparator, left: Expression, right: Expression) -> str:
        if isinstance(left, Literally):
            return self._compared(_TURNED[operator], right, left)
        match left, right:
            case Answer(id=asked), Literally(value=value):
                return self._is(operator, asked, self._listed(asked, [value], "standard"))
            case (
                Call(function="count", arguments=(Answer(id=asked),)),
                Literally(value=int(number)),
            ):
                return self._counted(operator, asked, number)
        raise _Unsayable

    def _is(self, operator: Comparator, asked: str, value: str) -> str:
        given = {"question": self._question(asked), "value": value}
        say = self.words.say
        match operator:
            case "==":
                return say("the answer to %(question)s is %(value)s", **given)
            case "!=":
                return say("the answer to %(question)s is not %(value)s", **given)
            case "<":
                return say("the answer to %(question)s is below %(value)s", **given)
            case "<=":
                return say("the answer to %(question)s is %(value)s or below", **given)
            case ">":
                return say("the answer to %(question)s is above %(value)s", **given)
            case ">=":
                return say("the answer to %(question)s is %(value)s or above", **given)

    def _counted(self, operator: Comparator, asked: str, number: int) -> str:
        given: dict[str, str | int] = {"question": self._question(asked), "number": number}
        say = self.words.say
        match operator:
            case ">=":
                return say("%(number)s or more are chosen in %(question)s", **given)
            case ">":
                return say("more than %(number)s are chosen in %(question)s", **given)
            case "<=":
                return say("no more than %(number)s are chosen in %(question)s", **given)
            case "<":
                return say("fewer than %(number)s are chosen in %(question)s", **given)
            case "==" | "!=":
                raise _Unsayable

    def _question(self, asked: str) -> str:
        if (place := self.places.get(asked)) is None:
            raise _Unsayable
        if place.row:
            row = self.words.say("“%(name)s”", name=place.row)
            return self.words.say("question %(number)s (%(row)s)", number=place.number, row=row)
        return self.words.say("question %(number)s", number=place.number)

    def _listed(
        self, asked: str, values: Sequence[Constant], style: Literal["standard", "or"]
    ) -> str:
        return format_list(self._named(asked, values), style=style, locale=self.words.locale)

    def _named(self, asked: str, values: Sequence[Constant]) -> list[str]:
        """Call options by their labels where these are short, else by their letters."""
        said = [self._value(asked, value) for value in values]
        unit = self.units[asked]
        lettered = {o.code: letter for o, letter in zip(unit.options, letters(unit), strict=True)}
        is_long = sum(map(len, said)) > _SPELLED_OUT
        if is_long and all(lettered.get(str(value)) for value in values):
            return [self.words.say("“%(name)s”", name=lettered[str(value)]) for value in values]
        return said

    def _value(self, asked: str, value: Constant) -> str:
        if asked not in self.units:
            raise _Unsayable
        unit = self.units[asked]
        labels = {option.code: option.label for option in unit.options}
        if unit.escape is not None:
            labels[unit.escape.code] = unit.escape.label
        if isinstance(value, str):
            return self.words.say("“%(name)s”", name=labels.get(value, value))
        return format_decimal(value, locale=self.words.locale, decimal_quantization=False)
