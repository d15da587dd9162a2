"""Check a translation against its questionnaire: known ids only, and no text left behind."""

from collections.abc import Iterable, Iterator
from typing import Final

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.items import Escape, Grid, Item
from surveyapp.questionnaires.meaning import check_placeholders
from surveyapp.questionnaires.overlays import Wording
from surveyapp.questionnaires.pipe_checks import check_pipes
from surveyapp.questionnaires.strict_yaml import Document, Keys
from surveyapp.questionnaires.suggestions import did_you_mean

_TEXTS_OF_ITEMS: Final = ("text", "hint", "message", "short", "low", "high", "unit")
_WORDS_OF_ASSURED: Final = ("yes", "partly", "no", "na", "missing", "reason")


def check_overlay(q: Questionnaire, wording: Wording, document: Document) -> None:
    """Note every id the questionnaire does not have and every text that is not translated."""
    wanted = set(_paths(q))
    written = set(_written(wording))
    for keys in sorted(written - wanted, key=str):
        _note_unknown(keys, wanted, document)
    for keys in sorted({_first_gap(keys, written) for keys in wanted - written}, key=str):
        document.complain(
            document.place(keys),
            f"{_path(keys)} is not translated. Add it, so no page mixes languages.",
        )
    check_placeholders(document, (), document.data)
    check_pipes(q, document)


def _path(keys: Keys) -> str:
    return ": ".join(str(key) for key in keys)


def _first_gap(keys: Keys, written: set[Keys]) -> Keys:
    """Shorten the path of an untranslated text to the first part of it that is not there at all."""
    for depth in range(2, len(keys)):
        if not any(path[:depth] == keys[:depth] for path in written):
            return keys[:depth]
    return keys


def _note_unknown(keys: Keys, wanted: set[Keys], document: Document) -> None:
    """Point at the first key on the way that no text of the questionnaire has."""
    depth = next(
        depth
        for depth in range(1, len(keys) + 1)
        if not any(path[:depth] == keys[:depth] for path in wanted)
    )
    siblings = {
        str(path[depth - 1])
        for path in wanted
        if path[: depth - 1] == keys[: depth - 1] and len(path) >= depth
    }
    hint = did_you_mean(str(keys[depth - 1]), siblings)
    document.complain(
        document.place(keys[:depth], of_key=True),
        f"The questionnaire has no text {_path(keys[:depth])} to translate.{hint}",
    )


def _paths(q: Questionnaire) -> Iterator[Keys]:
    """Walk every text of the questionnaire by the path it has in a translation."""
    yield ("title",)
    if q.introduction:
        yield ("introduction",)
    for scale in q.scales:
        yield from (("scales", scale.id, "labels", point) for point in scale.labels)
        yield from _escape(("scales", scale.id), scale.escape)
    yield from (("dimensions", dimension.id) for dimension in q.dimensions)
    yield from _present(("assured",), q.assured, _WORDS_OF_ASSURED)
    for section in q.sections:
        yield ("sections", section.id, "title")
        if section.introduction:
            yield ("sections", section.id, "introduction")
        for item in section.items:
            yield from _texts(item)


def _texts(item: Item) -> Iterator[Keys]:
    yield from _present(("items", item.id), item, _TEXTS_OF_ITEMS)
    if isinstance(item, Grid):
        for row in item.rows:
            yield from _present(("items", row.id), row, _TEXTS_OF_ITEMS)
    for option in getattr(item, "options", ()):
        yield ("items", item.id, "options", option.code)
        if option.say:
            yield ("items", item.id, "says", option.code)
    yield from _escape(("items", item.id), getattr(item, "escape", None))


def _present(keys: Keys, part: object, names: Iterable[str]) -> Iterator[Keys]:
    return ((*keys, name) for name in names if getattr(part, name, None) is not None)


def _escape(keys: Keys, escape: Escape | None) -> Iterator[Keys]:
    if escape:
        yield (*keys, "escape")


def _written(wording: Wording) -> Iterator[Keys]:
    """Walk every text of the translation by its path."""
    yield from _present((), wording, ("title", "introduction"))
    for scale_id, scale in wording.scales.items():
        yield from (("scales", scale_id, "labels", point) for point in scale.labels)
        yield from _present(("scales", scale_id), scale, ("escape",))
    yield from (("dimensions", name) for name in wording.dimensions)
    yield from _present(("assured",), wording.assured, _WORDS_OF_ASSURED)
    for section_id, section in wording.sections.items():
        yield from _present(("sections", section_id), section, ("title", "introduction"))
    for item_id, item in wording.items.items():
        yield from _present(("items", item_id), item, (*_TEXTS_OF_ITEMS, "escape"))
        yield from (("items", item_id, "options", code) for code in item.options)
        yield from (("items", item_id, "says", code) for code in item.says or ())
