"""A little Markdown for texts that owners write to respondents: paragraphs, lists, bold words; no links.

What it does not know stays as it was typed. It gives words, never markup: whoever shows them escapes them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_BOLD: Final = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_POINT: Final = re.compile(r"[-*]\s+")


@dataclass(frozen=True, slots=True)
class Words:
    """Some words of a line."""

    text: str
    is_bold: bool = False


Line = Sequence[Words]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of one or more lines, or the points of a list."""

    lines: Sequence[Line]
    is_list: bool = False


def parse(text: str) -> list[Block]:
    """Take a text apart; a blank line ends a paragraph, a line that begins with ``-`` is a point."""
    blocks: list[Block] = []
    for chunk in re.split(r"\n\s*\n", text.strip()):
        run: list[str] = []
        for line in filter(None, map(str.strip, chunk.split("\n"))):
            if run and bool(_POINT.match(line)) != bool(_POINT.match(run[0])):
                blocks.append(_block(run))
                run = []
            run.append(line)
        if run:
            blocks.append(_block(run))
    return blocks


def plain(text: str) -> list[str]:
    """Return the paragraphs for a mail: points keep their dash, bold words lose their stars."""
    return [
        "\n".join(
            ("- " if block.is_list else "") + "".join(words.text for words in line)
            for line in block.lines
        )
        for block in parse(text)
    ]


def _block(lines: Sequence[str]) -> Block:
    is_list = bool(_POINT.match(lines[0]))
    return Block(
        [_line(_POINT.sub("", each, count=1) if is_list else each) for each in lines], is_list
    )


def _line(line: str) -> Line:
    # split by a pattern with one group: what stands between stars is every second piece
    pieces = _BOLD.split(line)
    found = [Words(piece, is_bold=bool(number % 2)) for number, piece in enumerate(pieces)]
    return [each for each in found if each.text]
