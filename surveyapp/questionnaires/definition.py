"""What a questionnaire is: frozen, typed, and the same whether read from YAML or from storage."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import Field

from surveyapp.questionnaires.items import (
    Anonymity,
    Assured,
    Calculated,
    Date,
    Escape,
    File,
    Grid,
    Item,
    LongText,
    MultipleChoice,
    Number,
    Option,
    Ranking,
    Rating,
    Recommendation,
    Row,
    Rule,
    Scale,
    Scored,
    ShortText,
    SingleChoice,
)
from surveyapp.questionnaires.overlays import Wording
from surveyapp.questionnaires.parts import Identifier, Label, Locale, Part, Prose, QuestionnaireId

__all__ = [
    "Anonymity",
    "Assured",
    "AssuredWords",
    "Calculated",
    "Date",
    "Dimension",
    "Escape",
    "File",
    "Grid",
    "Item",
    "Levels",
    "LongText",
    "MultipleChoice",
    "Number",
    "Option",
    "Questionnaire",
    "Ranking",
    "Rating",
    "Recommendation",
    "Repeat",
    "Row",
    "Rule",
    "Scale",
    "Scored",
    "Scoring",
    "Section",
    "ShortText",
    "SingleChoice",
    "View",
]

View = Literal["buyer-on-supplier", "supplier-on-buyer", "supplier-on-itself"]


class Dimension(Part):
    """A theme that items measure together."""

    id: Identifier
    label: Label
    kind: Literal["engagement", "climate", "constraint"]


class AssuredWords(Part):
    """What the answers of ``assured`` items are called, and what is asked with two of them."""

    yes: Label
    partly: Label
    no: Label
    na: Label
    missing: Label
    """Asks whoever chooses "partly" what is missing."""
    reason: Label
    """Asks whoever chooses "not applicable" why."""


class Repeat(Part):
    """Asks a section once for each option that was chosen, under a name for texts."""

    for_each: Identifier
    """A multiple choice of an earlier section."""
    as_: Annotated[Identifier, Field(alias="as")]
    """What the texts of the section call the option."""


class Section(Part):
    """One page of the questionnaire."""

    id: Identifier
    title: Label
    introduction: Prose | None = None
    visible_if: Rule | None = None
    repeat: Repeat | None = None
    random: Literal["items"] | None = None
    items: Annotated[tuple[Item, ...], Field(min_length=1)]


class Levels(Part):
    """Which named cut set turns SEQ into a level."""

    cuts: Literal["seed-shares", "seed-words"] = "seed-shares"


class Scoring(Part):
    """How answers become scores; the method itself is code with this name and version."""

    method: Literal["state/1"]
    minimum_answered: Annotated[float, Field(gt=0, le=1)] = 0.5
    seq: dict[Identifier, Annotated[float, Field(gt=0, le=1)]] = Field(default_factory=dict)
    levels: Levels = Levels()


class Questionnaire(Part):
    """A questionnaire version: what is asked, of whom, under which contract, and how it scores."""

    id: QuestionnaireId
    version: Annotated[int, Field(ge=1)]
    purpose: Literal["perception", "risk"]
    title: Label
    introduction: Prose | None = None
    language: Locale
    authors: Annotated[tuple[Label, ...], Field(min_length=1)]
    licence: Label
    minutes: Annotated[int, Field(ge=1, le=120)]
    anonymity: Anonymity
    views: Annotated[tuple[View, ...], Field(min_length=1)]
    scales: tuple[Scale, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    assured: AssuredWords | None = None
    random: Literal["sections"] | None = None
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]
    scoring: Scoring | None = None
    translations: dict[Locale, Wording] = Field(default_factory=dict)

    def items(self) -> Iterator[tuple[Section, Item]]:
        """Walk every item in the order it is asked, with its section."""
        return ((section, item) for section in self.sections for item in section.items)

    def section(self, section_id: str) -> Section:
        """Return the section of that id; KeyError when there is none."""
        return _find(self.sections, section_id)

    def scale(self, scale_id: str) -> Scale:
        """Return the scale of that id; KeyError when there is none."""
        return _find(self.scales, scale_id)

    def dimension(self, dimension_id: str) -> Dimension:
        """Return the dimension of that id; KeyError when there is none."""
        return _find(self.dimensions, dimension_id)


class _Named(Protocol):
    @property
    def id(self) -> str: ...


_N = TypeVar("_N", bound=_Named)


def _find(things: Iterable[_N], wanted: str) -> _N:
    for thing in things:
        if thing.id == wanted:
            return thing
    raise KeyError(wanted)
