"""What stands in braces in a text: the names of both sides, and the words of an earlier answer."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar

from surveyapp.questionnaires.overlays import Wording
from surveyapp.questionnaires.parts import Part

_P = TypeVar("_P", bound=Part)
Labels = Mapping[str, str]

PLACEHOLDERS: Final = ("them", "us")
"""{them}: the side looked at. {us}: the respondent's own side."""
NOT_ANSWERED: Final = "…"
"""Stands for the words of an answer that is not there."""
READ_ALOUD: Final = frozenset(
    (
        *("title", "introduction", "text", "hint", "message", "label", "low", "high", "unit"),
        *("say", "yes", "partly", "no", "na", "missing", "reason"),
    )
)
"""The keys whose texts respondents read, and which may hold placeholders; labels of scales too."""

_PIPE: Final = r"\{\{[ ]?(?P<piped>[a-z][a-z0-9_]*)\.label[ ]?\}\}"
_BRACES: Final = re.compile(_PIPE + r"|\{(?P<named>[A-Za-z_]\w*)\}")


def fill(text: str, names: Labels, labels: Labels | None = None) -> str:
    """Set names into {them} and {us}, and with ``labels`` earlier answers into ``{{ item.label }}``.

    All in one pass: braces inside a name or an answer stay the letters they are. The result is text,
    not HTML: the page escapes it like any other.
    """

    def words(match: re.Match[str]) -> str:
        if (piped_id := match["piped"]) is None:
            return names.get(match["named"], match.group())
        return match.group() if labels is None else labels.get(piped_id, NOT_ANSWERED)

    return _BRACES.sub(words, text)


def piped(part: _P, labels: Labels) -> _P:
    """Set labels into the pipes that name them; other pipes and all names stay as written."""

    def words(match: re.Match[str]) -> str:
        return labels.get(match["piped"] or "", match.group())

    return rewritten(part, lambda text: _BRACES.sub(words, text))


def rewritten(part: _P, rewrite: Callable[[str], str]) -> _P:
    """Return the part with every text that a respondent reads rewritten; short labels are for charts."""
    update: dict[str, object] = {}
    for name, value in part:
        if isinstance(value, str) and name in READ_ALOUD:
            update[name] = rewrite(value)
        elif isinstance(value, Part) and not isinstance(value, Wording):
            update[name] = rewritten(value, rewrite)
        elif isinstance(value, tuple) and value and isinstance(value[0], Part):
            update[name] = tuple(rewritten(entry, rewrite) for entry in value)
        elif name == "labels":
            update[name] = {point: rewrite(label) for point, label in value.items()}
    return part.model_copy(update=update)


def pipes(text: str) -> list[str]:
    """List the ids whose answers a text names."""
    return [match["piped"] for match in _BRACES.finditer(text) if match["piped"]]


def texts_of(part: Part) -> Iterator[str]:
    """Walk every text of a part that a respondent reads."""
    found: list[str] = []

    def note(text: str) -> str:
        found.append(text)
        return text

    rewritten(part, note)
    return iter(found)


def unknown_placeholders(text: str) -> list[str]:
    """List what stands in braces and is neither a placeholder nor a pipe, lone braces included."""
    named = [match["named"] for match in _BRACES.finditer(text) if match["named"]]
    rest = _BRACES.sub("", text)
    return [name for name in named if name not in PLACEHOLDERS] + [
        brace for brace in "{}" if brace in rest
    ]
