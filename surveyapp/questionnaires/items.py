"""Item kinds: what can be asked, one class a kind, told apart by ``kind``."""

from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal

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


class _Item(Part):
    id: Identifier
    hint: Text | None = None
    short: Short | None = None
    required: bool = False
    required_if: Rule | None = None
    visible_if: Rule | None = None
    anonymity: Anonymity | None = None

    @property
    def answer_ids(self) -> tuple[str, ...]:
        """The ids its answers are stored under: its own, or those of its rows."""
        return (self.id,)


class Scored(_Item):
    """An item whose answers can measure a dimension."""

    dimension: Identifier | None = None


class Rating(Scored):
    """One statement on a named scale."""

    kind: Literal["rating"]
    text: Text
    scale: Identifier
    reverse: bool = False


class Row(Part):
    """One statement of a grid; answered and scored like an item."""

    id: Identifier
    text: Text
    short: Short | None = None
    reverse: bool = False


class Grid(Scored):
    """Several statements on one scale."""

    kind: Literal["grid"]
    text: Text | None = None
    scale: Identifier
    rows: Annotated[tuple[Row, ...], Field(min_length=1)]

    @property
    def answer_ids(self) -> tuple[str, ...]:
        """The ids of its rows."""
        return tuple(row.id for row in self.rows)


class Recommendation(Scored):
    """Zero to ten: how likely the respondent is to recommend."""

    LOWEST: ClassVar[int] = 0
    HIGHEST: ClassVar[int] = 10

    kind: Literal["recommendation"]
    text: Text
    low: Label | None = None
    high: Label | None = None
    escape: Escape | None = None


class SingleChoice(Scored):
    """One of several options."""

    kind: Literal["single_choice"]
    text: Text
    options: Annotated[tuple[Option, ...], Field(min_length=2)]
    escape: Escape | None = None


class MultipleChoice(_Item):
    """Any number of several options."""

    kind: Literal["multiple_choice"]
    text: Text
    options: Annotated[tuple[Option, ...], Field(min_length=2)]
    escape: Escape | None = None


class Number(_Item):
    """A number with its unit."""

    kind: Literal["number"]
    text: Text
    min: int | float | None = None
    max: int | float | None = None
    unit: Label | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] = 0


class Date(_Item):
    """A day."""

    kind: Literal["date"]
    text: Text


class ShortText(_Item):
    """One line."""

    kind: Literal["short_text"]
    text: Text
    max_length: Annotated[int, Field(ge=1, le=1000)] = 200


class LongText(_Item):
    """Some lines."""

    kind: Literal["text"]
    text: Text
    max_length: Annotated[int, Field(ge=1, le=20_000)] = 4000


Item = Annotated[
    Rating
    | Grid
    | Recommendation
    | SingleChoice
    | MultipleChoice
    | Number
    | Date
    | ShortText
    | LongText,
    Field(discriminator="kind"),
]

ITEM_KINDS: Final[dict[str, type[Part]]] = {
    "rating": Rating,
    "grid": Grid,
    "recommendation": Recommendation,
    "single_choice": SingleChoice,
    "multiple_choice": MultipleChoice,
    "number": Number,
    "date": Date,
    "short_text": ShortText,
    "text": LongText,
}
