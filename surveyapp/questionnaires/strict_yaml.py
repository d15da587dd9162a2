"""YAML without its traps, with the line and column of everything read.

Only ``true``, ``false``, ``null`` and plain decimal numbers are converted: ``no``, ``010`` and
``12:30`` stay the words they are. Doubled keys, anchors, aliases, tags, several documents, deep
nesting, large files and other encodings are refused, all of them at once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml
from yaml.reader import ReaderError

from surveyapp.errors import Problem

LARGEST: Final = 256 * 1024
DEEPEST: Final = 20

Data = Any
"""What YAML holds: dict, list, str, int, float, bool or None."""
Keys = tuple[str | int, ...]
Position = tuple[int, int]

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None, "": None}
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_FLOAT: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}", re.ASCII)


@dataclass(slots=True)
class Document:
    """A file that was read: its data, where each part stands, and what is wrong so far."""

    path: Path
    data: Data = None
    values: dict[Keys, Position] = field(default_factory=dict)
    keys: dict[Keys, Position] = field(default_factory=dict)
    plain: set[Keys] = field(default_factory=set)
    """Values written on one line without escapes, so an offset into them is a column."""
    problems: list[Problem] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """Places of what could not be read at all; what is missing there is no second problem."""

    def place(self, keys: Keys, *, of_key: bool = False, offset: int = 0) -> str:
        """Name file, line and column of a value (or of its key), or of what is nearest around it."""
        if of_key and keys in self.keys:
            return self.at(self.keys[keys])
        while keys not in self.values:
            if not keys:
                return self.at((1, 1))
            keys = keys[:-1]
            offset = 0
        line, column = self.values[keys]
        return self.at((line, column + (offset if keys in self.plain else 0)))

    def at(self, position: Position) -> str:
        """Write a position as file:line:column."""
        return f"{self.path}:{position[0]}:{position[1]}"

    def complain(self, place: str, message: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(place, message))


def read(path: Path) -> Document:
    """Read one file; what is wrong with it is in ``problems``, and the data is what could be read."""
    document = Document(path)
    text = _text(path, document)
    if text is not None:
        try:
            _Reader(document, text).read()
        except _Stop:
            document.data = None
        except yaml.YAMLError as error:
            document.data = None
            _explain(document, text, error)
    return document


def _text(path: Path, document: Document) -> str | None:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        document.complain(str(path), f"The file cannot be read: {error.strerror}.")
        return None
    if len(content) > LARGEST:
        document.complain(str(path), f"The file is larger than {LARGEST // 1024} KiB. Split it.")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        document.complain(
            document.at(_position(before)), "This is not UTF-8 text. Save the file as UTF-8."
        )
        return None


def _position(before: str) -> Position:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _explain(document: Document, text: str, error: yaml.YAMLError) -> None:
    problem = str(getattr(error, "problem", "") or "")
    mark = getattr(error, "problem_mark", None)
    if mark is None or "end of stream" in problem:
        # a quote that never ends is found at the end of the file, but was opened at its context
        mark = getattr(error, "context_mark", None) or mark
    position = (1, 1)
    if mark is not None:
        position = (mark.line + 1, mark.column + 1)
    elif isinstance(error, ReaderError):
        position = _position(text[: error.position])
    line = _Lines(text)[position[0]]
    sentence = _syntax_sentence(problem)
    if _UNQUOTED.search(line):
        sentence = '{them} and {us} must stand in quotes here: "{them} deliver on time."'
    document.complain(document.at(position), sentence)


def _syntax_sentence(problem: str) -> str:
    for sign, sentence in _SYNTAX.items():
        if sign in problem:
            return sentence
    return (
        "The file cannot be read from here on. Check the indentation, the colons and that every "
        f"quote and bracket is closed ({problem or 'a character that is not allowed'})."
    )


_LINE_BREAK: Final = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_UNQUOTED: Final = re.compile(r"(?::\s+|\{[^\"']*)\{(?:them|us)\}")
"""A placeholder that YAML takes for a bracket: at the start of a text, or inside other brackets."""
_SYNTAX: Final = {
    "mapping values are not allowed": "There is a second colon on this line, or the indentation is "
    "off. Put a text that holds a colon in quotes.",
    "cannot start any token": "A text cannot begin with this character (or with a tab). Put the "
    "text in quotes; indent with spaces.",
    "found a tab": "Indent with spaces, not with tabs.",
    "found unexpected end of stream": "A quote or bracket that was opened is not closed.",
    "did not find expected key": "A key with a colon is expected here. Check the indentation of "
    "this line and the line above; a text with quotes inside must be quoted as a whole.",
    "did not find expected '-' indicator": "A list entry beginning with - is expected here. Check "
    "the indentation.",
    "did not find expected ',' or": "A comma or the closing bracket is missing.",
    "could not find expected ':'": "A colon is missing after the key, here or on the line above.",
}


class _Lines:
    """The lines of a text as YAML counts them, from 1; the place behind the last one is empty."""

    def __init__(self, text: str) -> None:
        self._lines = _LINE_BREAK.split(text)

    def __getitem__(self, number: int) -> str:
        return self._lines[number - 1] if number <= len(self._lines) else ""


class _Stop(Exception):  # not an error of its own: the problem is noted already
    """Reading on would be pointless or dangerous."""


class _Reader:
    """Build plain data from parser events, which know places, anchors and tags."""

    events: Iterator[Any]

    def __init__(self, document: Document, text: str) -> None:
        self.document = document
        self.lines = _Lines(text)
        self.events = iter(yaml.parse(text, Loader=_LOADER))

    def read(self) -> None:
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.refuse(
                        event, "A second document begins here. Keep one questionnaire a file."
                    )
                    raise _Stop
                if event.tags or event.version:
                    self.refuse(event, "Directives (%) are not allowed. Remove the line.")
                self.document.data = self.node(next(self.events), ())

    def refuse(self, event: Any, message: str) -> None:  # noqa: ANN401  # PyYAML has no event protocol
        place = self.document.at(_start(event))
        self.document.refused.add(place)
        self.document.complain(place, message)

    def node(self, event: Any, keys: Keys) -> Data:  # noqa: ANN401  # as above
        self.document.values.setdefault(keys, _start(event))
        if len(keys) > DEEPEST:
            self.refuse(event, f"This is nested more than {DEEPEST} deep. Make it flatter.")
            raise _Stop
        if isinstance(event, yaml.AliasEvent):
            self.refuse(event, "Aliases (*) are not allowed. Write it out, or quote the text.")
            return None
        if event.anchor is not None:
            self.refuse(event, "Anchors (&) are not allowed. Write it out, or quote the text.")
        if event.tag is not None:
            self.refuse(event, "Tags (!) are not allowed. Remove it, or quote the text.")
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, keys)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(keys)
        return self.mapping(keys)

    def scalar(self, event: Any, keys: Keys) -> Data:  # noqa: ANN401  # as above
        line, column = _start(event)
        quote = 1 if event.style in ("'", '"') else 0
        written = self.lines[line][column - 1 + quote :]
        if event.style not in ("|", ">") and written.startswith(event.value):
            self.document.plain.add(keys)
            # the text begins after its quote, and offsets count from the text
            self.document.values[keys] = (line, column + quote)
        return event.value if event.style else _convert(event.value)

    def sequence(self, keys: Keys) -> list[Data]:
        result: list[Data] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            result.append(self.node(event, (*keys, len(result))))
        return result

    def mapping(self, keys: Keys) -> dict[str | int, Data]:
        result: dict[str | int, Data] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event)
            if key in result:
                first = self.document.keys[*keys, key][0]
                self.refuse(
                    event, f"{key} stands here a second time; first in line {first}. Keep one."
                )
                self.node(next(self.events), (*keys, key))
                continue
            self.document.keys[*keys, key] = _start(event)
            result[key] = self.node(next(self.events), (*keys, key))
        return result

    def key(self, event: Any) -> str | int:  # noqa: ANN401  # as above
        if not isinstance(event, yaml.ScalarEvent):
            self.refuse(event, "A key must be a word or a number. Put the text in quotes.")
            raise _Stop
        if event.anchor is not None or event.tag is not None:
            self.refuse(event, "Anchors (&) and tags (!) are not allowed. Remove it.")
        value = event.value if event.style else _convert(event.value)
        # true, null and 1.5 as keys can only be ids or labels: keep them as they are written
        return value if type(value) is int else str(event.value)


def _start(event: Any) -> Position:  # noqa: ANN401  # as above
    return event.start_mark.line + 1, event.start_mark.column + 1


def _convert(text: str) -> str | int | float | bool | None:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
