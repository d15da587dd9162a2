"""Check the conditions of a questionnaire: what they see, of what kind, and what they give away."""

from surveyapp.questionnaires.answers import Unit, answerable
from surveyapp.questionnaires.definition import Anonymity, Questionnaire
from surveyapp.questionnaires.expression_types import Scope, complaints
from surveyapp.questionnaires.expressions import Expression, Source, references, walk
from surveyapp.questionnaires.items import Grid, Item
from surveyapp.questionnaires.repair import Broken
from surveyapp.questionnaires.strict_yaml import Document, Keys
from surveyapp.questionnaires.suggestions import did_you_mean
from surveyapp.questionnaires.values import FACTS


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

    def check(self) -> None:
        for i, section in enumerate(self.q.sections):
            keys: Keys = ("sections", i)
            if section.visible_if is not None:
                strictest = [self.contract(item) for item in section.items]
                self.rule(section.visible_if, (*keys, "visible_if"), strictest)
            for j, item in enumerate(section.items):
                self.item(item, (*keys, "items", j))
                self.earlier |= {unit.id: unit for unit in _units(self.q, item)}

    def item(self, item: Item, keys: Keys) -> None:
        if item.visible_if is not None:
            self.rule(item.visible_if, (*keys, "visible_if"), [self.contract(item)])
        if item.required_if is not None:
            self.rule(item.required_if, (*keys, "required_if"), [self.contract(item)])
            if item.required:
                self.document.complain(
                    self.document.place((*keys, "required_if"), of_key=True),
                    "The item is required in any case. Remove required or required_if.",
                )

    def rule(self, tree: Expression, keys: Keys, contracts: list[Anonymity]) -> None:
        if self.is_doubtful(tree):
            return
        place = self.document.place(keys)
        for sentence in complaints(tree, Scope(self.earlier, self.everything, self.grids)):
            self.document.complain(place, sentence)
        for name in references(tree):
            self.protect(name, place, contracts)
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

    def is_doubtful(self, tree: Expression) -> bool:
        named = references(tree)
        is_lost = self.broken.has("sections") and not set(named) <= self.everything.keys()
        return is_lost or any(self.broken.has(name) for name in ("scales", *named))

    def protect(self, name: str, place: str, contracts: list[Anonymity]) -> None:
        # an identified answer that is there only after some anonymous answer gives that answer away
        if name not in self.earlier:
            return
        seen = self.contract(self.earlier[name].item)
        if any(contract.is_laxer_than(seen) for contract in contracts):
            self.document.complain(
                place,
                f"{name} is {seen}: what it shows or hides would give its answer away. "
                f"Make these items {seen} too.",
            )

    def contract(self, item: Item) -> Anonymity:
        return item.anonymity or self.q.anonymity


def _units(q: Questionnaire, item: Item) -> list[Unit]:
    try:
        return answerable(q, item)
    except KeyError:
        # the missing scale is noted elsewhere; its items can still be named in conditions
        return [Unit(name, item, name, name) for name in item.answer_ids]
