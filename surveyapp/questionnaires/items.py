"""Item kinds: what can be asked, one class a kind, told apart by ``kind``."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from surveyapp.questionnaires.file_kinds import FILE_KINDS, FileKind
from surveyapp.questionnaires.item_parts import (
    Anonymity,
    Asked,
    Escape,
    Option,
    Row,
    Rule,
    Scale,
    Scored,
)
from surveyapp.questionnaires.parts import Identifier, Label, Part, Text

__all__ = [
    "ITEM_KINDS",
    "Anonymity",
    "Assured",
    "Calculated",
    "Date",
    "Escape",
    "File",
    "Grid",
    "Item",
    "LongText",
    "MultipleChoice",
    "Number",
    "Option",
    "Ranking",
    "Rating",
    "Recommendation",
    "Row",
    "Rule",
    "Scale",
    "Scored",
    "ShortText",
    "SingleChoice",
]


class Rating(Scored):
    """One statement on a named scale."""

    kind: Literal["rating"]
    text: Text
    scale: Identifier
    reverse: bool = False


class Grid(Scored):
    """Several statements on one scale."""

    kind: Literal["grid"]
    text: Text | None = None
    scale: Identifier
    random: Literal["items"] | None = None
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
    random: Literal["options"] | None = None
    escape: Escape | None = None


class MultipleChoice(Asked):
    """Any number of several options."""

    kind: Literal["multiple_choice"]
    text: Text
    options: Annotated[tuple[Option, ...], Field(min_length=2)]
    random: Literal["options"] | None = None
    escape: Escape | None = None


class Assured(Asked):
    """Yes, partly, no or not applicable, in the questionnaire's words for these, with a reason."""

    kind: Literal["assured"]
    text: Text


class Ranking(Asked):
    """Options put in order, the first one first."""

    kind: Literal["ranking"]
    text: Text
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=12)]
    random: Literal["options"] | None = None
    places: Annotated[int, Field(ge=1)] | None = None
    """How many places are given; all when left out."""
    escape: Escape | None = None

    @property
    def most(self) -> int:
        """How many places there are to give."""
        return self.places or len(self.options)


class Number(Asked):
    """A number with its unit."""

    kind: Literal["number"]
    text: Text
    min: int | float | None = None
    max: int | float | None = None
    unit: Label | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] = 0


class Date(Asked):
    """A day."""

    kind: Literal["date"]
    text: Text


class ShortText(Asked):
    """One line."""

    kind: Literal["short_text"]
    text: Text
    max_length: Annotated[int, Field(ge=1, le=1000)] = 200


class LongText(Asked):
    """Some lines."""

    kind: Literal["text"]
    text: Text
    max_length: Annotated[int, Field(ge=1, le=20_000)] = 4000


class File(Asked):
    """A file handed in, such as a certificate."""

    kind: Literal["file"]
    text: Text
    accept: Annotated[tuple[FileKind, ...], Field(min_length=1)] | None = None
    max_megabytes: Annotated[int, Field(ge=1, le=25)] | None = None

    @property
    def kinds(self) -> tuple[FileKind, ...]:
        """Which kinds of file are taken."""
        return self.accept or FILE_KINDS

    @property
    def largest(self) -> int:
        """How many megabytes it may have."""
        return self.max_megabytes or 10


class Calculated(Asked):
    """A value made of earlier answers: named, kept with them, asked of nobody."""

    kind: Literal["calculated"]
    calculate: Rule

    @property
    def text(self) -> None:
        """Nothing is shown."""

    @property
    def answer_ids(self) -> tuple[str, ...]:
        """Nobody answers it."""
        return ()


Item = Annotated[
    Rating
    | Grid
    | Recommendation
    | SingleChoice
    | MultipleChoice
    | Assured
    | Ranking
    | Number
    | Date
    | ShortText
    | LongText
    | File
    | Calculated,
    Field(discriminator="kind"),
]

ITEM_KINDS: Final[dict[str, type[Part]]] = {
    "rating": Rating,
    "grid": Grid,
    "recommendation": Recommendation,
    "single_choice": SingleChoice,
    "multiple_choice": MultipleChoice,
    "assured": Assured,
    "ranking": Ranking,
    "number": Number,
    "date": Date,
    "short_text": ShortText,
    "text": LongText,
    "file": File,
    "calculated": Calculated,
}
