"""Check what a well-formed questionnaire means, as far as it could be read."""

from collections.abc import Iterable, Iterator
from typing import Final

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.expressions import FUNCTIONS, KEYWORDS, SOURCES
from surveyapp.questionnaires.item_checks import check_item
from surveyapp.questionnaires.items import Grid, Item
from surveyapp.questionnaires.pipe_checks import check_pipes
from surveyapp.questionnaires.repair import NOTHING_BROKEN, Broken
from surveyapp.questionnaires.rule_checks import check_rules
from surveyapp.questionnaires.score_checks import check_scores
from surveyapp.questionnaires.strict_yaml import Document, Keys
from surveyapp.questionnaires.texts import unknown_placeholders
from surveyapp.questionnaires.timing import (
    SECONDS_A_FIGURE,
    SECONDS_A_TEXT,
    SECONDS_A_TICK,
    seconds,
)

RESERVED: Final = frozenset(FUNCTIONS + SOURCES + KEYWORDS)
PAGES: Final = frozenset(
    {
        "contract",
        "copy",
        "correct",
        "files",
        "keep",
        "language",
        "others",
        "overview",
        "questions",
        "review",
        "sent",
        "stopped",
        "submit",
    }
)
"""Pages beside the sections: a section of that name would have the same address."""


def check_meaning(q: Questionnaire, document: Document, broken: Broken = NOTHING_BROKEN) -> None:
    """Note in the document everything that is well-formed and yet cannot be right.

    ``broken`` names what was mended to read on: nothing is said that may only follow from that.
    """
    _check_ids(q, document)
    _check_scales(q, document)
    for keys, item in items_with_keys(q):
        check_item(q, item, keys, document, broken)
    check_rules(q, document, broken)
    check_scores(q, document, broken)
    if not (broken.in_sections or broken.has("minutes")):
        _check_minutes(q, document)
    check_placeholders(document, (), document.data)
    if not broken.in_sections and not broken.has("scales"):
        check_pipes(q, document)


def items_with_keys(q: Questionnaire) -> Iterator[tuple[Keys, Item]]:
    """Walk every item with its path in the author's file."""
    for i, section in enumerate(q.sections):
        for j, item in enumerate(section.items):
            yield ("sections", i, "items", j), item


def _check_ids(q: Questionnaire, document: Document) -> None:
    _check_unique(
        ((("sections", i, "id"), section.id) for i, section in enumerate(q.sections)), document
    )
    for i, section in enumerate(q.sections):
        if section.id in PAGES:
            document.complain(
                document.place(("sections", i, "id")),
                f"{section.id} is the address of another page. Choose another id for the section.",
            )
    names: list[tuple[Keys, str]] = []
    for keys, item in items_with_keys(q):
        names.append(((*keys, "id"), item.id))
        if isinstance(item, Grid):
            names += [((*keys, "rows", k, "id"), row.id) for k, row in enumerate(item.rows)]
    _check_unique(names, document)
    for keys, name in names:
        if name in RESERVED:
            document.complain(
                document.place(keys),
                f"{name} is a word of the expression language. Choose another id.",
            )


def _check_unique(names: Iterable[tuple[Keys, str]], document: Document) -> None:
    first: dict[str, Keys] = {}
    for keys, name in names:
        if name in first:
            line = document.values[first[name]][0]
            document.complain(
                document.place(keys),
                f"The id {name} is taken already, in line {line}. Ids are unique; choose another.",
            )
        first.setdefault(name, keys)


def _check_scales(q: Questionnaire, document: Document) -> None:
    for scale in q.scales:
        keys: Keys = ("scales", scale.id)
        if list(scale.points) != sorted(set(scale.points)):
            document.complain(
                document.place((*keys, "points")), "Points must rise, each one once: [1, 2, 3]."
            )
        for point in scale.labels:
            if point not in scale.points:
                document.complain(
                    document.place((*keys, "labels", point), of_key=True),
                    f"The label {point} belongs to no point of this scale. Remove it or add the point.",
                )


def _check_minutes(q: Questionnaire, document: Document) -> None:
    least = sum(
        seconds(item)
        for section, item in q.items()
        if section.visible_if is None and item.visible_if is None
    )
    most = sum(seconds(item) for _, item in q.items())
    # a promise may be a quarter short for quick readers and double for slow ones
    if not 0.75 * least <= q.minutes * 60 <= 2 * most + 60:
        fair = max(1, round(most / 60))
        document.complain(
            document.place(("minutes",)),
            f"{q.minutes} minutes is not what the items take: {SECONDS_A_TICK} s a rating or choice, "
            f"{SECONDS_A_FIGURE} s a number or line, {SECONDS_A_TEXT} s a text make about {fair}.",
        )


def check_placeholders(document: Document, keys: Keys, data: object) -> None:
    """Note every placeholder that will not be filled, in all texts of a file."""
    if isinstance(data, dict):
        for key, value in data.items():
            check_placeholders(document, (*keys, key), value)
    elif isinstance(data, list):
        for position, value in enumerate(data):
            check_placeholders(document, (*keys, position), value)
    elif isinstance(data, str):
        _check_text(document, keys, data)


def _check_text(document: Document, keys: Keys, text: str) -> None:
    if "short" in keys:
        if "{" in text:
            document.complain(
                document.place(keys),
                "short is for charts about any company: leave {them} and {us} out.",
            )
        return
    for name in unknown_placeholders(text):
        document.complain(
            document.place(keys),
            f"{name} in braces means nothing here. Use {{them}} or {{us}}.",
        )
