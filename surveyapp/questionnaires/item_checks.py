"""Check single items: the scale and dimension they name, their options, their contract."""

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.items import (
    Anonymity,
    Assured,
    Calculated,
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
    Scored,
    ShortText,
    SingleChoice,
)
from surveyapp.questionnaires.repair import Broken
from surveyapp.questionnaires.strict_yaml import Document, Keys
from surveyapp.questionnaires.suggestions import did_you_mean
from surveyapp.questionnaires.values import COMMENT


def check_item(
    q: Questionnaire, item: Item, keys: Keys, document: Document, broken: Broken
) -> None:
    """Note what is wrong with one item; ``keys`` is its path in the file."""
    if item.anonymity and item.anonymity.is_laxer_than(q.anonymity):
        document.complain(
            document.place((*keys, "anonymity")),
            f"The questionnaire promises {q.anonymity}; an item may be stricter, never laxer.",
        )
    _check_kind(q, item, keys, document, broken)
    _check_message(item, keys, document)
    if item.comment and isinstance(item, ShortText | LongText):
        document.complain(
            document.place((*keys, "comment")),
            f"{item.id} asks for words already. Remove comment.",
        )
    if isinstance(item, SingleChoice) and not broken.has(item.id):
        _check_points(item, keys, document)
    if isinstance(item, Scored) and not (broken.has("dimensions") and not q.dimensions):
        _check_dimension(q, item, keys, document)


def _check_message(item: Item, keys: Keys, document: Document) -> None:
    if item.valid_if is not None and item.message is None:
        document.complain(
            document.place((*keys, "valid_if"), of_key=True),
            "message is missing: the sentence for somebody whose answer is not valid. Add it.",
        )
    if item.message is not None and item.valid_if is None:
        document.complain(
            document.place((*keys, "message"), of_key=True),
            "message is said when valid_if is false. Add valid_if, or remove message.",
        )


def _check_kind(  # noqa: C901  # one case a kind
    q: Questionnaire, item: Item, keys: Keys, document: Document, broken: Broken
) -> None:
    match item:
        case Rating() | Grid():
            known = [scale.id for scale in q.scales]
            if item.scale not in known and not (broken.has("scales") and not known):
                document.complain(
                    document.place((*keys, "scale")),
                    f"There is no scale {item.scale}.{did_you_mean(item.scale, known)}",
                )
        case Ranking():
            _check_options(item.options, item.escape, keys, document)
            _check_ranking(item, keys, document)
        case SingleChoice() | MultipleChoice():
            _check_options(item.options, item.escape, keys, document)
        case Assured() if q.assured is None and not broken.has("assured"):
            document.complain(
                document.place(keys),
                "assured is missing at the top: the words for yes, partly, no, na, missing, reason.",
            )
        case Number() if item.min is not None and item.max is not None and item.min > item.max:
            document.complain(document.place((*keys, "min")), "min is larger than max. Swap them.")
        case File() if (item.anonymity or q.anonymity) is Anonymity.ANONYMOUS:
            document.complain(
                document.place((*keys, "kind")),
                "A file may name its author, so it cannot be anonymous. Ask for words instead.",
            )
        case Calculated():
            for name in ("hint", "required", "required_if", "valid_if", "comment"):
                if getattr(item, name):
                    document.complain(
                        document.place((*keys, name), of_key=True),
                        f"Nobody is asked for {item.id}: it is calculated. Remove {name}.",
                    )
        case _:
            pass


def _check_options(
    options: tuple[Option, ...], escape: Escape | None, keys: Keys, document: Document
) -> None:
    if escape and escape.code in {option.code for option in options}:
        document.complain(
            document.place((*keys, "escape", "code")),
            f"The code {escape.code} is an option too. Give the escape a code of its own.",
        )
    seen: set[str] = set()
    for k, option in enumerate(options):
        if option.code in seen:
            document.complain(
                document.place((*keys, "options", k, "code")),
                f"The code {option.code} is used twice. Each option has its own.",
            )
        seen.add(option.code)
        if option.must_say and option.say is None:
            document.complain(
                document.place((*keys, "options", k, "must_say")),
                "must_say needs say: the words over the line. Add it, or remove must_say.",
            )
        if option.say is not None and option.code == COMMENT:
            document.complain(
                document.place((*keys, "options", k, "code")),
                f"An option with a line of its own cannot be called {COMMENT}. Choose another code.",
            )


def _check_ranking(item: Ranking, keys: Keys, document: Document) -> None:
    if item.most > len(item.options):
        document.complain(
            document.place((*keys, "places")),
            f"There are {len(item.options)} options and {item.most} places. Give fewer places.",
        )
    for k, option in enumerate(item.options):
        if option.say is not None:
            document.complain(
                document.place((*keys, "options", k, "say")),
                "An option that is ranked has no line of its own. Remove say.",
            )


def _check_points(item: SingleChoice, keys: Keys, document: Document) -> None:
    points = {option.points for option in item.options if option.points is not None}
    if item.dimension and len(points) < 2:  # noqa: PLR2004  # two different scores, or it measures nothing
        document.complain(
            document.place((*keys, "options")),
            f"{item.id} measures {item.dimension}: give at least two options different points, "
            "from 0 (worst) to 1 (best). An option without points is not scored.",
        )
    if points and item.dimension is None:
        document.complain(
            document.place((*keys, "options")),
            f"Points count only where {item.id} names its dimension. Add it, or remove the points.",
        )


def _check_dimension(q: Questionnaire, item: Scored, keys: Keys, document: Document) -> None:
    known = [dimension.id for dimension in q.dimensions]
    if item.dimension is not None and item.dimension not in known:
        document.complain(
            document.place((*keys, "dimension")),
            f"There is no dimension {item.dimension}.{did_you_mean(item.dimension, known)}",
        )
    if item.dimension is not None and item.anonymity is Anonymity.ANONYMOUS is not q.anonymity:
        document.complain(
            document.place((*keys, "dimension")),
            f"{item.id} is anonymous and {item.dimension} is scored by person, with answers that are not:"
            " the score would give it away. Remove the dimension, or make the questionnaire anonymous.",
        )
    reverse = [(*keys, "reverse")] if isinstance(item, Rating) and item.reverse else []
    if isinstance(item, Grid):
        reverse = [(*keys, "rows", k, "reverse") for k, row in enumerate(item.rows) if row.reverse]
    if item.dimension is None:
        for place in reverse:
            document.complain(
                document.place(place),
                "reverse counts only where the item names its dimension. Add it, or remove reverse.",
            )
