"""Texts: other languages laid over the base one, names and earlier answers set into braces."""

from surveyapp.questionnaires.definition import (
    AssuredWords,
    Dimension,
    Grid,
    Item,
    MultipleChoice,
    Questionnaire,
    Ranking,
    Recommendation,
    Scale,
    Section,
    SingleChoice,
)
from surveyapp.questionnaires.items import Escape, Option, Row
from surveyapp.questionnaires.overlays import ItemWording, ScaleWording, SectionWording, Wording
from surveyapp.questionnaires.texts import READ_ALOUD, Labels, fill, rewritten

__all__ = ["READ_ALOUD", "addressed", "fill", "locales", "localised"]


def addressed(q: Questionnaire, names: Labels, labels: Labels | None = None) -> Questionnaire:
    """Set names, and with ``labels`` earlier answers, into every text a respondent reads."""
    return rewritten(q, lambda text: fill(text, names, labels))


def locales(q: Questionnaire) -> list[str]:
    """List the languages a questionnaire as loaded can be answered in, its base language first."""
    return [q.language, *sorted(q.translations)]


def localised(q: Questionnaire, locale: str) -> Questionnaire:
    """Lay the texts of the nearest language over the base ones: de-AT, else de, else the base.

    Ids, codes, rules and scoring stay as they are, and so do answers when the language is switched.
    """
    if locale in (q.language, ""):
        return q
    for candidate in (locale, locale.partition("-")[0]):
        if candidate == q.language:
            return q
        if candidate in q.translations:
            return _overlaid(q, candidate, q.translations[candidate])
    return q


def _overlaid(q: Questionnaire, locale: str, wording: Wording) -> Questionnaire:
    return q.model_copy(
        update={
            "language": locale,
            "title": wording.title or q.title,
            "introduction": wording.introduction or q.introduction,
            "scales": tuple(_scale(scale, wording) for scale in q.scales),
            "dimensions": tuple(_dimension(dimension, wording) for dimension in q.dimensions),
            "assured": _assured(q.assured, wording),
            "sections": tuple(_section(section, wording) for section in q.sections),
        }
    )


def _scale(scale: Scale, wording: Wording) -> Scale:
    texts = wording.scales.get(scale.id, ScaleWording())
    labels = {point: texts.labels.get(point, label) for point, label in scale.labels.items()}
    escape = _escape(scale.escape, texts.escape)
    return scale.model_copy(update={"labels": labels, "escape": escape})


def _escape(escape: Escape | None, label: str | None) -> Escape | None:
    return escape.model_copy(update={"label": label}) if escape and label else escape


def _dimension(dimension: Dimension, wording: Wording) -> Dimension:
    label = wording.dimensions.get(dimension.id, dimension.label)
    return dimension.model_copy(update={"label": label})


def _assured(words: AssuredWords | None, wording: Wording) -> AssuredWords | None:
    if words is None or wording.assured is None:
        return words
    return words.model_copy(update=wording.assured.model_dump(exclude_none=True))


def _section(section: Section, wording: Wording) -> Section:
    texts = wording.sections.get(section.id, SectionWording())
    return section.model_copy(
        update={
            "title": texts.title or section.title,
            "introduction": texts.introduction or section.introduction,
            "items": tuple(_item(item, wording) for item in section.items),
        }
    )


def _item(item: Item, wording: Wording) -> Item:
    texts = wording.items.get(item.id, ItemWording())
    update: dict[str, object] = {
        name: getattr(texts, name)
        for name in ("text", "hint", "message", "short", "low", "high", "unit")
        if name in type(item).model_fields and getattr(texts, name) is not None
    }
    if isinstance(item, Grid):
        update["rows"] = tuple(_row(row, wording) for row in item.rows)
    if isinstance(item, SingleChoice | MultipleChoice | Ranking):
        update["options"] = tuple(_option(option, texts) for option in item.options)
    if isinstance(item, SingleChoice | MultipleChoice | Ranking | Recommendation):
        update["escape"] = _escape(item.escape, texts.escape)
    return item.model_copy(update=update)


def _row(row: Row, wording: Wording) -> Row:
    texts = wording.items.get(row.id, ItemWording())
    return row.model_copy(
        update={"text": texts.text or row.text, "short": texts.short or row.short}
    )


def _option(option: Option, texts: ItemWording) -> Option:
    update = {"label": texts.options.get(option.code, option.label)}
    if option.say:
        update["say"] = (texts.says or {}).get(option.code, option.say)
    return option.model_copy(update=update)
