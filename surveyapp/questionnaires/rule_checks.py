"""Check the conditions of a questionnaire: what they see, of what kind, and what they give away."""

from typing import Final

from surveyapp.questionnaires.answers import Unit, answerable
from surveyapp.questionnaires.definition import (
    Anonymity,
    Calculated,
    MultipleChoice,
    Questionnaire,
    Repeat,
    Section,
)
from surveyapp.questionnaires.expression_types import Kind, Scope, complaints, value_kind
from surveyapp.questionnaires.expressions import Expression, Source, references, walk
from surveyapp.questionnaires.items import Grid, Item
from surveyapp.questionnaires.repair import Broken
from surveyapp.questionnaires.strict_yaml import Document, Keys
from surveyapp.questionnaires.suggestions import did_you_mean
from surveyapp.questionnaires.texts import pipes
from surveyapp.questionnaires.values import FACTS

LONGEST_ID: Final = 100
"""What the column of drafts holds."""


def check_rules(q: Questionnaire, document: Document, broken: Broken) -> None:
    """Note every condition that could not work as its author means it."""
    _Rules(q, document, broken).check()


class _Rules:
    def __init__(self, q: Questionnaire, document: Document, broken: Broken) -> None:
        self.q = q
        self.broken = broken
        self.document = document
        self.everything = {unit.id: unit for _, item in q.items() for unit in _units(q, item)}
        self.grids = {item.id: item for _, item in q.items() if isinstance(item, Grid)}
        self.earlier: dict[str, Unit] = {}
        self.values: dict[str, Kind] = {}
        self.contracts: dict[str, Anonymity] = {}
        self.shuffled: frozenset[str] = frozenset()
        self.repeated: frozenset[str] = frozenset()

    def check(self) -> None:
        for i, section in enumerate(self.q.sections):
            keys: Keys = ("sections", i)
            own = frozenset(unit.id for item in section.items for unit in _units(self.q, item))
            if self.q.random == "sections":
                self.earlier, self.values = {}, {}
                self.shuffled = frozenset(self.everything) - own
            if section.visible_if is not None:
                strictest = [self.contract(item) for item in section.items]
                self.rule(section.visible_if, (*keys, "visible_if"), strictest)
            if section.repeat is not None:
                self.repeat(section, section.repeat, keys)
            self.section(section, keys, own)

    def section(self, section: Section, keys: Keys, own: frozenset[str]) -> None:
        outside = dict(self.earlier), dict(self.values)
        for j, item in enumerate(section.items):
            if section.random == "items":
                self.earlier, self.values = dict(outside[0]), dict(outside[1])
                self.shuffled |= own - {item.id, *item.answer_ids}
            self.item(item, (*keys, "items", j))
            self.earlier |= {unit.id: unit for unit in _units(self.q, item)}
        if section.repeat is not None:
            # each has as many answers as there are repetitions: outside nobody can say which is meant
            self.repeated |= own
            self.earlier, self.values = outside
        elif section.random == "items":
            self.shuffled -= own
            self.earlier = outside[0] | {name: self.everything[name] for name in own}

    def repeat(self, section: Section, repeat: Repeat, keys: Keys) -> None:
        place = self.document.place((*keys, "repeat", "for_each"))
        source = self.earlier.get(repeat.for_each)
        if source is None or not isinstance(source.item, MultipleChoice):
            self.document.complain(
                place,
                f"{repeat.for_each} is no multiple choice of an earlier section. "
                "A section is repeated for each option that was chosen there.",
            )
            return
        self.protect(repeat.for_each, place, [self.contract(item) for item in section.items])
        if repeat.as_ not in pipes(section.title):
            self.document.complain(
                self.document.place((*keys, "title")),
                f"Every repetition has this title. Put {{{{ {repeat.as_}.label }}}} into it, "
                "so that people see which one they are at.",
            )
        longest = max(len(option.code) for option in source.options) + len("@.comment")
        for j, item in enumerate(section.items):
            if max(map(len, (item.id, *item.answer_ids))) + longest > LONGEST_ID:
                self.document.complain(
                    self.document.place((*keys, "items", j, "id")),
                    "This id and the options' codes are too long together for a repeated section. "
                    "Shorten one.",
                )

    def item(self, item: Item, keys: Keys) -> None:
        contracts = [self.contract(item)]
        if item.visible_if is not None:
            self.rule(item.visible_if, (*keys, "visible_if"), contracts, here=item.id)
        if item.required_if is not None:
            self.rule(item.required_if, (*keys, "required_if"), contracts, here=item.id)
            if item.required:
                self.document.complain(
                    self.document.place((*keys, "required_if"), of_key=True),
                    "The item is required in any case. Remove required or required_if.",
                )
        if item.valid_if is not None:
            own = {unit.id: unit for unit in _units(self.q, item)}
            self.earlier |= own
            self.rule(item.valid_if, (*keys, "valid_if"), contracts)
        if isinstance(item, Calculated):
            kind = self.rule(
                item.calculate, (*keys, "calculate"), contracts, item.id, is_value=True
            )
            self.values[item.id] = kind
            self.contracts[item.id] = self.contract(item)

    def rule(
        self,
        tree: Expression,
        keys: Keys,
        contracts: list[Anonymity],
        here: str = "",
        *,
        is_value: bool = False,
    ) -> Kind:
        if self.is_doubtful(tree):
            return Kind.ANY
        place = self.document.place(keys)
        scope = Scope(
            self.earlier,
            self.everything,
            self.grids,
            values=self.values,
            shuffled=self.shuffled,
            repeated=self.repeated,
            here=here,
        )
        kind, found = value_kind(tree, scope) if is_value else (Kind.TRUTH, complaints(tree, scope))
        for sentence in found:
            self.document.complain(place, sentence)
        for name in references(tree):
            self.protect(name, place, contracts)
        self.facts(tree, place)
        return kind

    def facts(self, tree: Expression, place: str) -> None:
        for node in walk(tree):
            if isinstance(node, Source) and node.name not in FACTS.get(node.source, (node.name,)):
                known = FACTS[node.source]
                self.document.complain(
                    place,
                    f"Nothing called {node.name} is known of the {node.source}. Known are "
                    f"{', '.join(known)}.{did_you_mean(node.name, known)}",
                )
        if self.q.anonymity is not Anonymity.IDENTIFIED and any(
            isinstance(node, Source) and node.source == "prev" for node in walk(tree)
        ):
            self.document.complain(
                place, "prev needs an identified questionnaire: others keep no answers by person."
            )
        if self.q.anonymity is Anonymity.ANONYMOUS and any(
            isinstance(node, Source) and node.source != "prev" for node in walk(tree)
        ):
            self.document.complain(
                place,
                "An anonymous questionnaire asks everybody the same: which questions somebody answered"
                " would tell who they are. Let the condition rest on answers only.",
            )

    def is_doubtful(self, tree: Expression) -> bool:
        named = references(tree)
        is_lost = self.broken.has("sections") and not set(named) <= self.everything.keys()
        return is_lost or any(self.broken.has(name) for name in ("scales", *named))

    def protect(self, name: str, place: str, contracts: list[Anonymity]) -> None:
        # an identified answer that is there only after some anonymous answer gives that answer away
        if name not in self.earlier and name not in self.contracts:
            return
        seen = self.contracts.get(name) or self.contract(self.earlier[name].item)
        if any(contract.is_laxer_than(seen) for contract in contracts):
            self.document.complain(
                place,
                f"{name} is {seen}: what it shows or hides would give its answer away. "
                f"Make these items {seen} too.",
            )

    def contract(self, item: Item) -> Anonymity:
        return item.anonymity or self.q.anonymity


def _units(q: Questionnaire, item: Item) -> list[Unit]:
    if isinstance(item, Calculated):
        return [Unit(item.id, item, item.id, item.id)]
    try:
        return answerable(q, item)
    except KeyError:
        # the missing scale is noted elsewhere; its items can still be named in conditions
        return [Unit(name, item, name, name) for name in item.answer_ids]
