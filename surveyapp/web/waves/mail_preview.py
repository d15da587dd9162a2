"""A mail shown inside a page: its plain text, and the words of its HTML as paragraphs, links, notes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from sqlalchemy.orm import Session

from surveyapp.delivery.rendering import Rendered
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.services import definitions, mail_texts


@dataclass(slots=True)
class Piece:
    """Some words of a paragraph."""

    text: str
    is_link: bool = False
    is_break: bool = False


@dataclass(slots=True)
class Block:
    """One paragraph of the HTML; ``kind`` is its class there: contract, note or none."""

    kind: str
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One mail in one language."""

    locale: str
    subject: str
    text: str
    blocks: Sequence[Block]
    is_own: bool
    """Whether the owner wrote it."""


def all_of(session: Session, wave: Wave, template: str, base_url: str) -> list[Preview]:
    """Return a mail in every language it is read in."""
    return [
        one(session, wave, template, locale, base_url)
        for locale in mail_texts.languages(session, wave)
    ]


def one(session: Session, wave: Wave, template: str, locale: str, base_url: str) -> Preview:
    """Return a mail in one language. Raises NotFound for a mail or language there is not."""
    rendered = mail_texts.preview(
        session, wave, template=template, locale=locale, base_url=base_url
    )
    is_own = mail_texts.text_of(session, wave, template, locale).is_own
    return of(rendered, locale=locale, is_own=is_own)


def of(rendered: Rendered, *, locale: str, is_own: bool) -> Preview:
    """Make a rendered mail ready to be shown inside a page."""
    reader = _Reader()
    reader.feed(rendered.html)
    reader.close()
    return Preview(
        locale=locale,
        subject=rendered.subject,
        text=rendered.text,
        blocks=reader.blocks,
        is_own=is_own,
    )


def questionnaire(wave: Wave) -> Questionnaire:
    """Return what a wave asks, in the language it was written in."""
    return definitions.load(wave.questionnaire_version, "")


class _Reader(HTMLParser):
    """Takes the paragraphs out of a mail's HTML: what a mail program shows, without its looks."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self._is_inside = self._is_link = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "p":
            self.blocks.append(Block(dict(attrs).get("class") or ""))
            self._is_inside = True
        elif tag == "br" and self._is_inside:
            self.blocks[-1].pieces.append(Piece("", is_break=True))
        elif tag == "a":
            self._is_link = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self._is_inside = False
        elif tag == "a":
            self._is_link = False

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if self._is_inside and words:
            self.blocks[-1].pieces.append(Piece(words, is_link=self._is_link))
