"""The conditions of one page, cut down to what the browser may know: it shows and hides at once.

The browser is never needed and never trusted: the server computes the path anew from what is posted.
Whatever does not hang on answers of this page is worked out here, so that no fact about a relationship
and no KPI reaches a respondent's browser.
"""

from dataclasses import dataclass
from typing import Any, Final

from surveyapp.questionnaires.answers import answerable
from surveyapp.questionnaires.definition import (
    Calculated,
    File,
    Grid,
    Item,
    MultipleChoice,
    Number,
    Questionnaire,
    Ranking,
    Rating,
    Recommendation,
    Section,
)
from surveyapp.questionnaires.evaluation import UNKNOWN, evaluate
from surveyapp.questionnaires.expressions import (
    Answer,
    Arithmetic,
    Call,
    Comparison,
    Expression,
    Junction,
    Listing,
    Literally,
    Membership,
    Not,
    Source,
    references,
    walk,
)
from surveyapp.questionnaires.values import Answers, Sources

Tree = dict[str, Any]
_READ_AS: Final[dict[type, str]] = {
    Rating: "point",
    Grid: "point",
    Recommendation: "point",
    MultipleChoice: "choices",
    Ranking: "places",
    Number: "number",
    File: "file",
}


class _ForTheServerOnly(Exception):
    """The condition holds a fact together with an answer of the page."""


@dataclass(frozen=True, slots=True)
class _Known:
    own: frozenset[str]
    """Answers of this page, which the browser reads itself."""
    calculated: dict[str, Expression]
    answers: Answers
    sources: Sources


def page_rules(
    q: Questionnaire, section: Section, kept: Answers, sources: Sources
) -> list[dict[str, Any]]:
    """Describe a section's items in order for the browser; nothing when no condition is its own.

    Parameters
    ----------
    kept : answers on the path as they are stored
    """
    items = [item for item in section.items if not isinstance(item, Calculated)]
    own = frozenset(name for item in items for name in item.answer_ids)
    known = _Known(
        own,
        {item.id: item.calculate for item in section.items if _stands_alone(item)},  # type: ignore[union-attr] # those that stand alone calculate
        {name: value for name, value in kept.items() if name not in own},
        sources,
    )
    told = [_item(q, item, known) for item in items]
    return told if any(isinstance(each.get("rule"), dict) for each in told) else []


def _stands_alone(item: Item) -> bool:
    return isinstance(item, Calculated) and item.visible_if is None


def _item(q: Questionnaire, item: Item, known: _Known) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": item.id,
        "answers": [
            {
                "id": unit.id,
                "as": _READ_AS.get(type(item), "text"),
                "way_out": unit.escape.code if unit.escape else "",
            }
            for unit in answerable(q, item)
        ],
    }
    if item.visible_if is not None:
        try:
            rule = _cut(item.visible_if, known)
        except _ForTheServerOnly:
            told["rule"] = "server"
        else:
            told["rule"] = rule if rule["node"] != "known" else "server"
    return told


def _cut(  # noqa: C901, PLR0911  # one case a node
    tree: Expression, known: _Known
) -> Tree:
    """Write a tree for the browser, everything worked out that does not hang on this page."""
    if isinstance(tree, Answer) and tree.id in known.calculated:
        return _cut(known.calculated[tree.id], known)
    if isinstance(tree, Listing | Literally):
        return tree.model_dump(mode="json")
    if not (known.own | known.calculated.keys()) & set(references(tree)):
        return _worked_out(tree, known)
    match tree:
        case Not():
            return {"node": "not", "part": _cut(tree.part, known)}
        case Junction():
            return {"node": tree.node, "parts": [_cut(part, known) for part in tree.parts]}
        case Comparison() | Arithmetic():
            left, right = _cut(tree.left, known), _cut(tree.right, known)
            return {"node": tree.node, "operator": tree.operator, "left": left, "right": right}
        case Membership():
            return {"node": "in", "value": _cut(tree.value, known), "options": list(tree.options)}
        case Call(function="answered"):
            if tree.arguments[0].id in known.calculated:  # type: ignore[union-attr] # it takes an id
                raise _ForTheServerOnly
            return tree.model_dump(mode="json")
        case Call():
            parts = [_cut(part, known) for part in tree.arguments]
            return {"node": "call", "function": tree.function, "arguments": parts}
        case _:
            return tree.model_dump(mode="json")


def _worked_out(tree: Expression, known: _Known) -> Tree:
    value = evaluate(tree, known.answers, known.sources)
    is_fact = any(isinstance(node, Source) and node.source != "prev" for node in walk(tree))
    if is_fact and not isinstance(value, bool) and value is not UNKNOWN:
        raise _ForTheServerOnly
    return {"node": "known", "value": None if value is UNKNOWN else value}
