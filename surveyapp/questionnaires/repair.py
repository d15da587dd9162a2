"""Mend a broken questionnaire just enough to look at the rest of it.

So that an author reads all problems at once: what has the wrong shape is taken out or replaced by
a blank, and the meaning of everything else is still checked. Nothing mended is ever used.
"""

import copy
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.sentences import walk_data
from surveyapp.questionnaires.shape import with_named_entries
from surveyapp.questionnaires.strict_yaml import Data, Keys

MOST_ROUNDS: Final = 100
"""An author with more mistakes than this has enough to read; mending costs a reading each."""
_BLANKS: Final[dict[str, dict[str, Any]]] = {
    "items": {"kind": "text", "text": "?"},
    "rows": {"text": "?"},
    "options": {"label": "?"},
    "sections": {"title": "?", "items": [{"id": "broken_section", "kind": "text", "text": "?"}]},
}
_NAMED_BLANKS: Final[dict[str, dict[str, Any]]] = {
    "scales": {"points": [1, 2]},
    "dimensions": {"label": "?", "kind": "climate"},
}
_TOP: Final[dict[str, Any]] = {
    "id": "broken",
    "version": 1,
    "purpose": "perception",
    "title": "?",
    "language": "en",
    "authors": ["?"],
    "licence": "?",
    "minutes": 1,
    "anonymity": "identified",
    "views": ["buyer-on-supplier"],
    "sections": [_BLANKS["sections"] | {"id": "broken"}],
}


@dataclass(frozen=True, slots=True)
class Broken:
    """What was mended: keys of the top level, and ids of sections, items, rows."""

    names: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        """Tell whether this was mended; "sections" only when a whole section was lost."""
        return name in self.names

    @property
    def in_sections(self) -> bool:
        """Whether anything inside the sections was mended."""
        return self.has("sections") or bool(self.names - Questionnaire.model_fields.keys())

    @property
    def has_texts(self) -> bool:
        """Whether texts were lost, so that a translation cannot be held against what is left."""
        return self.in_sections or bool(self.names & {"scales", "dimensions", "introduction"})


NOTHING_BROKEN: Final = Broken()


def mend(data: Data) -> tuple[Questionnaire | None, Broken]:
    """Return what can be read of the data, and what had to be mended for it."""
    data = copy.deepcopy(data)
    broken: set[str] = set()
    for _ in range(MOST_ROUNDS):
        try:
            text = json.dumps(with_named_entries(data))
            return Questionnaire.model_validate_json(text), Broken(frozenset(broken))
        except ValidationError as error:
            if error.error_count() > MOST_ROUNDS:
                break
            # one at a time: mending one may move or remove the next
            finding = error.errors(include_url=False)[0]
            _mend(data, finding["type"], finding["loc"], broken)
    return None, Broken(frozenset(broken))


def _mend(data: Data, kind: str, loc: tuple[int | str, ...], broken: set[str]) -> None:
    keys = walk_data(data, loc)
    if kind == "missing" and not keys:
        name = str(loc[-1])
        data[name] = copy.deepcopy(_TOP[name])
        broken.add(name)
        return
    broken.update(_touched(data, keys))
    if kind == "missing" or not isinstance(keys[-1], str):
        if _blank(data, keys) == "sections":
            broken.add("sections")
    else:
        del _at(data, keys[:-1])[keys[-1]]


def _touched(data: Data, keys: Keys) -> set[str]:
    ids = {
        str(entry["id"])
        for depth in range(1, len(keys) + 1)
        if isinstance(entry := _at(data, keys[:depth]), dict) and "id" in entry
    }
    if len(keys) == 1 or keys[0] != "sections":
        ids.add(str(keys[0]))
    # an entry without an id of its own still makes everything about its section doubtful
    return ids or {f"{keys}"}


def _blank(data: Data, keys: Keys) -> str:
    """Replace the nearest enclosing entry that can stand blank; return what kind it is."""
    for depth in range(len(keys), 1, -1):
        holder, key = keys[depth - 2], keys[depth - 1]
        around = _at(data, keys[: depth - 1])
        if isinstance(key, int) and isinstance(around, list) and holder in _BLANKS:
            around[key], is_named = _named(around[key], f"broken_{len(keys)}_{key}", str(holder))
            # an entry whose name is lost may be meant by conditions, as one of a lost section may
            return str(holder) if is_named else "sections"
        if depth == 2 and holder in _NAMED_BLANKS:  # noqa: PLR2004  # scales.agree7 and the like
            around[key] = dict(_NAMED_BLANKS[str(holder)])
            return str(holder)
    del data[keys[0]]
    return str(keys[0])


def _named(entry: Data, otherwise: str, holder: str) -> tuple[Data, bool]:
    name = "code" if holder == "options" else "id"
    written = entry.get(name) if isinstance(entry, dict) else None
    usable = isinstance(written, str) and bool(re.fullmatch(r"[a-z][a-z0-9_]{0,63}", written))
    return copy.deepcopy(_BLANKS[holder]) | {name: written if usable else otherwise}, usable


def _at(data: Data, keys: Keys) -> Data:
    for key in keys:
        data = data[key]
    return data
