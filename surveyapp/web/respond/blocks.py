"""How a section's questions stand on the page: statements on one scale together, the rest one by one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from babel.lists import format_list
from flask_babel import gettext as _

from surveyapp.questionnaires import file_kinds
from surveyapp.questionnaires.answers import Unit
from surveyapp.questionnaires.definition import File, Item, Rating
from surveyapp.questionnaires.values import COMMENT, said_id
from surveyapp.web.filters import reader_locale
from surveyapp.web.forms.fields import AnswerField, Look, look_of
from surveyapp.web.forms.questionnaire import SectionForm

_ALL_LABELLED: Final = 5
"""Up to so many columns there is room for every point's words."""


@dataclass(frozen=True, slots=True)
class Block:
    """One or more questions that share a look and, on a scale, the words over its columns."""

    kind: Look
    item: Item
    fields: list[AnswerField] = field(default_factory=list)
    words: dict[str, AnswerField] = field(default_factory=dict)
    """The fields for what may be said with an answer, by the id it is stored under."""
    is_waiting: bool = False
    """Not asked as things stand: kept ready for a browser that shows it when an answer asks for it."""

    @property
    def unit(self) -> Unit:
        """The first question, which stands for the scale they share."""
        return self.fields[0].unit

    def words_with(self, item: Item, option: str) -> AnswerField | None:
        """Return the field for an option's own words, if it has one."""
        return self.words.get(said_id(item.id, option))

    def comment_on(self, item: Item) -> AnswerField | None:
        """Return the field for a remark to an item, if it takes one."""
        return self.words.get(said_id(item.id, COMMENT))

    @property
    def column_labels(self) -> list[tuple[int, str]]:
        """Each point with the words over its column: all of a short scale, else ends and middle."""
        labels, points = dict(self.unit.labels), self.unit.points
        told = set(points) if len(points) <= _ALL_LABELLED else set(_landmarks(points))
        return [(point, labels.get(point, "") if point in told else "") for point in points]

    @property
    def kinds_of_file(self) -> str:
        """The kinds of file that are taken, as a sentence names them."""
        kinds = self.item.kinds if isinstance(self.item, File) else ()
        words = [_(each) for each in file_kinds.in_words(kinds)]
        return format_list(words, style="or", locale=reader_locale())

    @property
    def endings_of_file(self) -> str:
        """What the browser's file dialogue offers."""
        kinds = self.item.kinds if isinstance(self.item, File) else ()
        return ",".join(file_kinds.endings(kinds))

    @property
    def landmarks(self) -> list[str]:
        """The words at the ends of a row of answer boxes, and in its middle when it has one."""
        labels = dict(self.unit.labels)
        return [labels.get(point, "") for point in _landmarks(self.unit.points)]


def blocks(form: SectionForm, waiting: frozenset[str] = frozenset()) -> list[Block]:
    """Arrange a form; neighbouring ratings on one scale share a block, as the rows of a grid do.

    Each of the items that are ``waiting`` has a block of its own.
    """

    def key(item: Item) -> str:
        return f"waiting:{item.id}" if item.id in waiting else _run_key(item)

    made = []
    for _key, run in groupby(form.items(), key=key):
        items = list(run)
        fields = [each for item in items for each in _fields_of(form, item)]
        words = {each.unit.id: each for item in items for each in form.words_of(item)}
        is_waiting = items[0].id in waiting
        made.append(Block(look_of(items[0]), items[0], fields, words, is_waiting))
    return made


def _run_key(item: Item) -> str:
    return f"scale:{item.scale}" if isinstance(item, Rating) else item.id


def _fields_of(form: SectionForm, item: Item) -> Iterator[AnswerField]:
    return (form.field(answer_id) for answer_id in item.answer_ids)


def _landmarks(points: Iterable[int]) -> list[int]:
    row = list(points)
    middle = [row[len(row) // 2]] if len(row) % 2 and len(row) > 2 else []  # noqa: PLR2004 a middle needs three
    return [row[0], *middle, row[-1]]
