"""Two pages of one section: what each changed is kept, and where both changed the same is found."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from surveyapp.questionnaires.values import Value

Answers = Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Opened:
    """What a page knows of itself."""

    name: str = ""
    """Tells it from every other page; empty where nobody knows."""
    base: Mapping[str, str] | None = None
    """Marks of the answers it was made with; None where nobody knows."""


UNKNOWN: Final = Opened()


@dataclass(frozen=True, slots=True)
class Merged:
    """What is to be stored."""

    answers: dict[str, Value | None]
    conflicts: frozenset[str]
    """Answers that both sides changed, each to something else."""
    elsewhere: frozenset[str]
    """Answers that this page left alone and another changed."""


def mark(value: Value | None) -> str:
    """Return a short mark of an answer, to see later whether it was changed; empty for none."""
    if value is None:
        return ""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def marks(answer_ids: Iterable[str], answers: Answers) -> dict[str, str]:
    """Mark what a page is made with; answers that are not there have no mark."""
    return {each: mark(answers[each]) for each in answer_ids if answers.get(each) is not None}


def merge(sent: Answers, current: Answers, page: Opened, *, is_own: bool) -> Merged:
    """Set what a page sent against what stands.

    ``is_own``: the page itself saved last, so what stands is older than what it sends now. Where
    nobody knows what the page was made with, every difference is a conflict.
    """
    kept: dict[str, Value | None] = {}
    conflicts, elsewhere = set(), set()
    for key, value in sent.items():
        stands = current.get(key)
        was = None if page.base is None else page.base.get(key, "")
        kept[key] = value
        if value == stands:
            continue
        if was == mark(value):
            kept[key] = stands
            elsewhere.add(key)
        elif was != mark(stands) and not is_own:
            conflicts.add(key)
    return Merged(kept, frozenset(conflicts), frozenset(elsewhere))
