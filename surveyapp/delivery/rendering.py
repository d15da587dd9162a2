"""From a text with placeholders to a mail: plain, and as HTML with everything escaped."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from surveyapp.delivery import phrases

_TEMPLATES: Final = Path(__file__).parent / "templates"
PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_environment: Final = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Text(NamedTuple):
    """What a mail says, with placeholders in braces; blank lines part paragraphs."""

    subject: str
    body: str


class Rendered(NamedTuple):
    """A mail's three texts."""

    subject: str
    text: str
    html: str


class Piece(NamedTuple):
    """Some words of a paragraph, the link, or the end of a line."""

    text: str
    is_link: bool = False
    is_break: bool = False


class Paragraph(NamedTuple):
    """A paragraph of a mail."""

    pieces: Sequence[Piece]
    is_contract: bool


@cache
def ready(template: str, language: str) -> Text:
    """Return the text a mail has unless its owner wrote another."""
    whole = (_TEMPLATES / template / f"{language}.txt").read_text(encoding="utf-8")
    subject, _, body = whole.partition("\n")
    return Text(subject, body.strip())


@cache
def languages(template: str) -> tuple[str, ...]:
    """Return the languages a mail is written in."""
    return tuple(sorted(path.stem for path in (_TEMPLATES / template).iterdir()))


def written_in(template: str, locale: str) -> str:
    """Return in which language a reader gets the ready text: their own, else English."""
    language = phrases.base_language(locale)
    return language if language in languages(template) else phrases.FALLBACK


def long_date(day: date, locale: str) -> str:
    """Spell a day as the language does."""
    return format_date(day, format="long", locale=phrases.babel_locale(locale))


def render(
    text: Text,
    facts: Mapping[str, str],
    *,
    language: str,
    link_label: str,
    after: Sequence[str] = (),
    notes: Sequence[str] = (),
    stop_link: str = "",
) -> Rendered:
    """Set facts into a text; ``notes`` and the way to be asked no more stand below it.

    ``after`` holds finished paragraphs that follow the text. A value with braces or markup stays what it is. In HTML the link becomes a button.
    """
    known = {name: " ".join(value.split()) for name, value in facts.items()}
    stop_label = phrases.phrases(language).stop
    below = [*notes, f"{stop_label}:\n{stop_link}"] if stop_link else list(notes)
    # a line break in a subject would begin a header of the writer's choice
    subject = " ".join(_filled(text.subject, known).split())
    paragraphs = re.split(r"\n\s*\n", text.body.strip())
    return Rendered(
        subject=subject,
        text="\n\n".join([*(_filled(each, known) for each in paragraphs), *after, *below]) + "\n",
        html=_environment.get_template("layout.html").render(
            language=language,
            subject=subject,
            label=link_label,
            paragraphs=[
                *(_paragraph(each, known) for each in paragraphs),
                *(_finished(each) for each in after),
            ],
            notes=notes,
            stop_link=stop_link,
            stop_label=stop_label,
        ),
    )


def _filled(text: str, facts: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda match: facts[match[1]], text)


def _paragraph(text: str, facts: Mapping[str, str]) -> Paragraph:
    pieces: list[Piece] = []
    for line in text.strip().split("\n"):
        if pieces:
            pieces.append(Piece("", is_break=True))
        pieces += _pieces(line, facts)
    return Paragraph(pieces, is_contract="{contract}" in text)


def _finished(text: str) -> Paragraph:
    """Keep braces as they are: nothing is filled in."""
    pieces: list[Piece] = []
    for line in text.split("\n"):
        if pieces:
            pieces.append(Piece("", is_break=True))
        pieces.append(Piece(line))
    return Paragraph(pieces, is_contract=False)


def _pieces(line: str, facts: Mapping[str, str]) -> Iterator[Piece]:
    before, *after = line.split("{link}")
    yield Piece(_filled(before, facts))
    for rest in after:
        yield Piece(facts["link"], is_link=True)
        yield Piece(_filled(rest, facts))
