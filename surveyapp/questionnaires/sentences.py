"""Turn pydantic's findings into sentences an author understands, each with its place and remedy."""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from surveyapp.questionnaires.items import ITEM_KINDS
from surveyapp.questionnaires.parts import LOCALE
from surveyapp.questionnaires.strict_yaml import Data, Document, Keys
from surveyapp.questionnaires.suggestions import did_you_mean, nearest

LATER: Final = frozenset(("refs", "weight", "knockout", "evidence", "finding"))
"""Keys of the language that this version of surveyapp does not know yet."""

_ID: Final = "begins with a small letter and holds only small letters, digits and _"
_PATTERNS: Final = {
    r"^[a-z][a-z0-9_]*$": f"An id {_ID}, for example bad_news.",
    r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$": "The id of a questionnaire holds small letters and digits, "
    "with - between words, for example annual-customer-survey.",
    r"^[a-z0-9][a-z0-9_]*$": "A code holds only small letters, digits and _, for example not_asked.",
    LOCALE: "A language is written like en, de or pt-BR.",
}
_KINDS_OF_VALUE: Final = {
    "string_type": "must be a text. Put it in quotes.",
    "int_type": "must be a whole number, without quotes.",
    "int_from_float": "must be a whole number.",
    "float_type": "must be a number, without quotes.",
    "bool_type": "must be true or false (yes and no are ordinary words here).",
    "tuple_type": "must be a list: lines that begin with -, or [a, b].",
    "dict_type": "must be a block of lines of the form key: value.",
    "model_type": "must be a block of lines of the form key: value.",
    "model_attributes_type": "must be a block of lines of the form key: value.",
}
_Model = TypeVar("_Model", bound=BaseModel)


def validate(model: type[_Model], document: Document, data: Data) -> _Model | None:
    """Check the shape of the data; what is wrong is noted in the document, at its place."""
    try:
        return model.model_validate_json(json.dumps(data))
    except ValidationError as error:
        findings = error.errors(include_url=False)
        misspelt = {
            _meant(model, finding["loc"]) for finding in findings if _is_unknown_key(finding)
        }
        for finding in findings:
            if finding["type"] != "missing" or finding["loc"] not in misspelt:
                _note(model, document, finding)
    return None


def _is_unknown_key(finding: ErrorDetails) -> bool:
    return finding["type"] == "extra_forbidden"


def _meant(model: type[BaseModel], loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Return the path of the key that an unknown key was probably meant to be."""
    owner = _model_at(model, loc[:-1])
    return (*loc[:-1], nearest(str(loc[-1]), owner.model_fields if owner else ()) or loc[-1])


def _note(model: type[BaseModel], document: Document, finding: ErrorDetails) -> None:
    keys = walk_data(document.data, finding["loc"])
    context = finding.get("ctx", {})
    last = str(finding["loc"][-1]) if finding["loc"] else "The file"
    match finding["type"]:
        case "extra_forbidden":
            place = document.place(keys, of_key=True)
            sentence = _unknown_key(last, _model_at(model, finding["loc"][:-1]))
        case "missing":
            place, sentence = document.place(keys), f"{last} is missing here. Add it."
        case "expression":
            place = document.place(keys, offset=int(context["offset"]))
            sentence = str(context["sentence"])
        case kind:
            place = document.place(keys)
            sentence = _sentence(kind, _subject(keys), context, finding)
    if place not in document.refused:
        document.complain(place, sentence)


def _subject(keys: Keys) -> str:
    words = [str(key) for key in keys if isinstance(key, str)]
    if not words:
        return "The file"
    return words[-1] if isinstance(keys[-1], str) else f"An entry of {words[-1]}"


def _unknown_key(key: str, owner: type[BaseModel] | None) -> str:
    if key in LATER:
        return f"{key} is not supported by this version of surveyapp. Remove it."
    if owner is None:
        return f"{key} is not known here. Remove it."
    known = sorted(field.alias or name for name, field in owner.model_fields.items())
    hint = did_you_mean(key, known)
    return f"{key} is not known here.{hint} Known are {', '.join(known)}."


def _sentence(  # noqa: C901, PLR0911  # one case a kind of finding
    kind: str, subject: str, context: Mapping[str, Any], finding: ErrorDetails
) -> str:
    given = finding["input"]
    match kind:
        case "string_pattern_mismatch":
            return f"{given!r} cannot be used. {_PATTERNS[context['pattern']]}"
        case "literal_error" | "enum":
            return f"{subject} must be {context['expected']}.{_near(given, context['expected'])}"
        case "union_tag_invalid":
            hint = did_you_mean(str(context["tag"]), ITEM_KINDS)
            return f"There is no kind {context['tag']}.{hint} Kinds are {', '.join(ITEM_KINDS)}."
        case "union_tag_not_found":
            return f"Say what kind of item this is, for example kind: rating. Kinds are {', '.join(ITEM_KINDS)}."
        case "string_too_long":
            return f"{subject} is {len(str(given))} characters long; {context['max_length']} are allowed. Shorten it."
        case "string_too_short":
            return f"{subject} is empty. Write something, or remove the line."
        case "too_short":
            return f"{subject} needs at least {context['min_length']}; there are {context['actual_length']}."
        case "too_long":
            return f"{subject} may have at most {context['max_length']}."
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than":
            return f"{subject} is {given}, which is out of range: {finding['msg'].removeprefix('Input should be ')}."
        case _ if kind in _KINDS_OF_VALUE:
            return f"{subject} {_KINDS_OF_VALUE[kind]}"
        case _:
            return f"{subject}: {finding['msg']}."


def _near(given: object, expected: str) -> str:
    return did_you_mean(
        str(given), [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    )


def walk_data(data: Data, loc: Sequence[int | str]) -> Keys:
    """Follow pydantic's path through the author's data, leaving out steps that are not in it."""
    keys: list[int | str] = []
    for before, step in pairwise(("", *loc)):
        if isinstance(before, int) and isinstance(data, dict) and step == data.get("kind"):
            continue  # pydantic's name for the kind of item, which may be a key too: kind: text
        key = _key(data, step)
        if key is not None:
            keys.append(key)
            data = data[key]
    return tuple(keys)


def _key(data: Data, step: int | str) -> int | str | None:
    if isinstance(data, list):
        return step if isinstance(step, int) and step < len(data) else None
    if not isinstance(data, dict):
        return None
    if step in data:
        return step
    if isinstance(step, str):
        # labels: JSON turned the author's number into a text
        return next((key for key in data if str(key) == step), None)
    # scales and dimensions: the author's blocks by name became a list
    return list(data)[step] if step < len(data) else None


def _model_at(model: type[BaseModel], loc: Sequence[int | str]) -> type[BaseModel] | None:
    """Find the class that pydantic was filling at this path."""
    current: Any = model
    for step in loc:
        current = _inside(current, step)
    found = [kind for kind in _alternatives(current) if isinstance(kind, type)]
    return next((kind for kind in found if issubclass(kind, BaseModel)), None)


def _inside(annotation: Any, step: int | str) -> Any:  # noqa: ANN401  # annotations have no type
    if step in ITEM_KINDS and len(list(_alternatives(annotation))) > 1:
        return ITEM_KINDS[str(step)]
    for kind in _alternatives(annotation):
        if get_origin(kind) in (tuple, dict):
            return next(argument for argument in reversed(get_args(kind)) if argument is not ...)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = {each.alias or name: each for name, each in kind.model_fields.items()}
            if step in fields:
                return fields[str(step)].annotation
    return None


def _alternatives(annotation: Any) -> list[Any]:  # noqa: ANN401  # as above
    """List what an annotation allows: the members of a union, without None and metadata."""
    if hasattr(annotation, "__metadata__"):
        return _alternatives(annotation.__origin__)
    if get_origin(annotation) in (UnionType, Union):
        return [inner for part in get_args(annotation) for inner in _alternatives(part)]
    return [annotation]
