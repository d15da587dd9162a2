"""The form of one section: its fields, what was answered, and which questions the answers bring up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import Form

from surveyapp.questionnaires import answers, rules
from surveyapp.questionnaires.answers import Unit, Value
from surveyapp.questionnaires.definition import Item, Questionnaire, Section
from surveyapp.questionnaires.values import COMMENT, Sources
from surveyapp.web.forms.fields import PREFIX, AnswerField, as_typed, field_for, value_of

Typed = MultiDict[str, str]
Files = Mapping[str, dict[str, str]]
"""The answers that name files, by the file's id."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One answer that cannot be taken: where it is, what was asked, and what to do."""

    field_id: str
    question: str
    sentence: str


class SectionForm:
    """A section's questions for somebody who has answered this much so far.

    ``shown`` holds the ids of the items on the page. Only those are read from a post: what was not
    on the page keeps its stored answer.
    """

    def __init__(
        self,
        questionnaire: Questionnaire,
        section: Section,
        stored: Mapping[str, Value],
        sources: Sources,
        *,
        shown: frozenset[str],
        typed: Typed | None = None,
        files: Files | None = None,
    ) -> None:
        self.questionnaire = questionnaire
        self.section = section
        self.stored = dict(stored)
        self._sources = sources
        self.shown = frozenset(item.id for item in section.items if item.id in shown)
        self._typed = typed
        self._walked: tuple[dict[str, Value], rules.Path] | None = None
        self._files = files or {}
        self._units = {
            unit.id: unit
            for item in section.items
            if item.id in shown
            for unit in self._units_of(item)
        }
        fields = {PREFIX + key: field_for(unit, self._files) for key, unit in self._units.items()}
        form_class = cast("type[Form]", type("SectionFields", (Form,), fields))
        known = {PREFIX + key: stored[key] for key in self._units if key in stored}
        self._form = form_class(cast("Any", typed), data=known)
        if typed is not None:
            self._form.validate()

    def _units_of(self, item: Item) -> list[Unit]:
        return [
            *answers.answerable(self.questionnaire, item),
            *answers.said(self.questionnaire, item),
        ]

    def words_of(self, item: Item) -> list[AnswerField]:
        """List the fields for what may be said with an item's answer."""
        return [self.field(unit.id) for unit in answers.said(self.questionnaire, item)]

    def __iter__(self) -> Iterator[AnswerField]:
        """Walk the fields in the order they are asked."""
        return (self.field(key) for key in self._units)

    def field(self, answer_id: str) -> AnswerField:
        """Return the field that asks for this answer."""
        return cast("AnswerField", self._form[PREFIX + answer_id])

    def items(self) -> list[Item]:
        """List the items on the page."""
        return [item for item in self.section.items if item.id in self.shown]

    def raw(self) -> dict[str, Value]:
        """Return what was sent, as it was typed and ticked, to be kept and shown again."""
        if self._typed is None:
            return {}
        return {field.unit.id: field.raw for field in self if field.name in self._typed}

    def answers(self) -> dict[str, Value | None]:
        """Return what can be taken, None where an answer was cleared; what is in error is left out."""
        return {field.unit.id: value_of(field) for field in self if not field.errors}

    def merged(self) -> dict[str, Value]:
        """Return all answers as they stand once this page is saved."""
        together = {**self.stored, **self.answers()}
        return {key: value for key, value in together.items() if value is not None}

    @property
    def path(self) -> rules.Path:
        """The questionnaire as walked with all answers as they stand once this page is saved."""
        together = self.merged()
        if self._walked is None or self._walked[0] != together:
            self._walked = together, rules.path(self.questionnaire, together, self._sources)
        return self._walked[1]

    def brought_up(self) -> list[Item]:
        """List the items that were not on the page and that its answers ask for."""
        return [item for item in self._visible() if item.id not in self.shown]

    def with_brought_up(self) -> "SectionForm":
        """Return the same form with those items on it; what was typed and what is wrong stays."""
        return self._with(self.brought_up())

    def with_waiting(self) -> "SectionForm":
        """Return the same form with every question of the section, for a browser that shows and hides."""
        asked = (item for item in self.section.items if item.answer_ids)
        return self._with([item for item in asked if item.id not in self.shown])

    def _with(self, added: list[Item]) -> "SectionForm":
        if not added:
            return self
        longer = SectionForm(
            self.questionnaire,
            self.section,
            self.stored,
            self._sources,
            shown=self.shown | {item.id for item in added},
            typed=None if self._typed is None else self._typed_with(added, self._typed),
            files=self._files,
        )
        for field in self:
            longer.field(field.unit.id).errors = field.errors
        return longer

    def _typed_with(self, added: list[Item], typed: Typed) -> Typed:
        """Add what is stored for items that were not on the page."""
        together = MultiDict(typed)
        for unit in (unit for item in added for unit in self._units_of(item)):
            if unit.id in self.stored:
                again = as_typed(self.stored[unit.id])
                together.setlist(PREFIX + unit.id, again if isinstance(again, list) else [again])
        return together

    def answer_ids(self) -> list[str]:
        """Name every answer of the section, also of questions that a browser may bring up."""
        return [unit.id for item in self.section.items for unit in self._units_of(item)]

    def require(self) -> None:
        """Mark the shown questions that must be answered and are not, or whose answer cannot stand."""
        for gap in answers.missing_on(self.path, self.questionnaire, self._sources):
            if gap.id in self._units and not self.field(gap.id).errors:
                self.field(gap.id).errors = [_(answers.ANSWER_REQUIRED)]
        for gap in answers.disagreeing_on(self.path, self.questionnaire, self._sources):
            if gap.id in self._units and not self.field(gap.id).errors:
                self.field(gap.id).errors = [gap.sentence]

    def problems(self) -> list[Problem]:
        """List what must be put right; an answer to a question now hidden stands in nobody's way."""
        visible = {item.id for item in self._visible()}
        return [
            Problem(first_input(field), self.question(field.unit), sentence)
            for field in self
            if field.unit.item.id in visible
            for sentence in field.errors
        ]

    def question(self, unit: Unit) -> str:
        """Return what is asked, as a list away from the question itself must say it."""
        if unit.said_with == COMMENT:
            unit = replace(unit, text=_("Comment"))
        item = next(item for item in self.section.items if item.id == unit.item.id)
        return answers.in_full(item, unit)

    def _visible(self) -> list[Item]:
        shown = (page.items for page in self.path.pages if page.section.id == self.section.id)
        return list(next(shown, ()))


def first_input(field: AnswerField) -> str:
    """Return the id of the element a link to this question should reach."""
    return f"{field.name}-0" if field.unit.points or field.unit.options else field.name
