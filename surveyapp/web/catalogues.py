"""The pages' texts in other languages, read from the catalogues that translators edit."""

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import has_request_context
from flask_babel import Domain

from surveyapp.questionnaires import mirrored

FOLDER: Final = Path(__file__).parent.parent / "translations"


class Catalogues(Domain):  # type: ignore[misc] # flask_babel has no types
    """Finds the texts of a page's language; each catalogue is compiled once per process."""

    def __init__(self, page_texts: Callable[[], NullTranslations]) -> None:
        super().__init__()
        self._page_texts = page_texts

    def get_translations(self) -> NullTranslations:
        """Return the texts of this page's language; English where it has none."""
        return self._page_texts() if has_request_context() else NullTranslations()


class _Mirrored(NullTranslations):
    """English told backwards."""

    def ugettext(self, message: str) -> str:
        return mirrored.text(message)

    def ungettext(self, singular: str, plural: str, number: float) -> str:
        return mirrored.text(singular if number == 1 else plural)


@cache
def languages() -> tuple[str, ...]:
    """Return the languages the pages are translated into."""
    return tuple(
        sorted(path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/messages.po"))
    )


@cache
def texts(tag: str) -> NullTranslations:
    """Return the texts of a language, whatever its region; without a catalogue they are English."""
    if tag == mirrored.LANGUAGE:
        return _Mirrored()
    if (language := tag.partition("-")[0]) not in languages():
        return NullTranslations()
    path = FOLDER / language / "LC_MESSAGES" / "messages.po"
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)
