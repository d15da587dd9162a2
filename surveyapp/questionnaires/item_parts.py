"""What items are made of: contracts, conditions, scales, options, and the keys every item has."""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from surveyapp.questionnaires import expressions, parsing
from surveyapp.questionnaires.parts import Code, Identifier, Label, Part, Share, Short, Text


class Anonymity(StrEnum):
    """Who sees whose answer; the later, the stricter."""

    IDENTIFIED = "identified"
    CONFIDENTIAL = "confidential"
    ANONYMOUS = "anonymous"

    def is_laxer_than(self, other: "Anonymity") -> bool:
        """Tell whether this contract protects less than the other."""
        order = list(Anonymity)
        return order.index(self) < order.index(other)


def _parse_expression(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return parsing.parse(value)
    except expressions.ExpressionError as error:
        # the offset lets the loader point into the line, not only at it
        raise PydanticCustomError(
            "expression", "{sentence}", {"sentence": str(error), "offset": error.offset}
        ) from error


Rule = Annotated[
    expressions.Expression,
    BeforeValidator(_parse_expression),
    WithJsonSchema({"type": "string", "description": "An expression over earlier items."}),
]


class Escape(Part):
    """The way out of a question: recorded, never scored."""

    code: Identifier
    label: Label


class Scale(Part):
    """A row of points to tick, with the words printed over some or all of them."""

    id: Identifier
    points: Annotated[tuple[int, ...], Field(min_length=2, max_length=11)]
    labels: dict[int, Label] = Field(default_factory=dict)
    escape: Escape | None = None


class Option(Part):
    """One answer of a choice; ``points`` says what it scores, from 0 (worst) to 1 (best)."""

    code: Code
    label: Label
    points: Share | None = None
    say: Label | None = None
    """Words over a line to write on for whoever chooses this: "Which other?"."""
    must_say: bool | None = None


class Asked(Part):
    """The keys every item has."""

    id: Identifier
    hint: Text | None = None
    short: Short | None = None
    required: bool = False
    required_if: Rule | None = None
    visible_if: Rule | None = None
    anonymity: Anonymity | None = None
    valid_if: Rule | None = None
    message: Text | None = None
    """What is said to somebody whose answer is not valid."""
    comment: bool | None = None
    """Whether a remark may be added to the answer."""

    @property
    def answer_ids(self) -> tuple[str, ...]:
        """The ids its answers are stored under: its own, or those of its rows."""
        return (self.id,)

    @property
    def own_ids(self) -> frozenset[str]:
        """Its id and its rows': whatever ``values.item_of`` makes of a stored answer's id."""
        return frozenset({self.id, *self.answer_ids})


class Scored(Asked):
    """An item whose answers can measure a dimension."""

    dimension: Identifier | None = None


class Row(Part):
    """One statement of a grid; answered and scored like an item."""

    id: Identifier
    text: Text
    short: Short | None = None
    reverse: bool = False
