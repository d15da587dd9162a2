"""Which language a page speaks: the reader's own where somebody is asked, English in the console."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.support import NullTranslations
from flask import Flask, g, request
from flask_babel import Babel, refresh

from surveyapp.extensions import state
from surveyapp.models.invitations import Invitation
from surveyapp.models.waves import Wave
from surveyapp.questionnaires import mirrored
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.services import reader_languages
from surveyapp.services.languages import language_tag
from surveyapp.services.reader_languages import base
from surveyapp.web import catalogues

FIELD: Final = "lang"
"""What names a language in a personal link and in forms."""
_SOURCE: Final = "en"
_RESPONDENT_PAGES: Final = ("/r/", "/stop/")
_STAND_IN: Final = "ar"
"""Whose dates and direction the mirrored language has."""

Offered = Sequence[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One language of the switch."""

    tag: str
    name: str
    is_current: bool


def register(app: Flask) -> None:
    """Let every page find its language and its texts."""
    babel = Babel()
    babel.init_app(app, locale_selector=_page_locale)
    # the catalogues come as they are kept in the repository, so none can be older than its source
    said = catalogues.Catalogues(page_texts)
    babel.domain_instance = said
    # flask_babel looks for its settings before each text; templates need not
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # the extension of Jinja adds it
        gettext=lambda text: said.get_translations().ugettext(text),
        ngettext=lambda one, many, number: said.get_translations().ungettext(one, many, number),
        newstyle=True,
        pgettext=lambda place, text: said.get_translations().upgettext(place, text),
        npgettext=lambda place, one, many, number: said.get_translations().unpgettext(
            place, one, many, number
        ),
    )
    app.add_template_filter(direction)
    app.context_processor(_context)


def speak(language: str) -> None:
    """Speak this language from here to the end of the request."""
    g.reader_language = language
    g.reader_texts = catalogues.texts(interface_language(language))
    refresh()


def speak_as(questionnaire: Questionnaire, wanted: str) -> None:
    """Speak as a questionnaire does; of a language's regions that of the reader: de-AT for de."""
    spoken = questionnaire.language
    speak(wanted if base(wanted) == base(spoken) else spoken)


def at_first(invitation: Invitation, offered: Offered) -> str:
    """Return the language of the start page: by link, earlier choice, contact, browser, else the base."""
    if chosen := asked_for(offered, request.args) or invitation.locale:
        return chosen
    own = invitation.contact.locale
    if base(own) in {base(each) for each in offered}:
        return own
    return _browser_likes(offered) or offered[0]


def at_link(wave: Wave) -> list[Choice]:
    """Return the switch of a page that a personal link opened, whatever it has to say."""
    offered = reader_languages.offered(wave.questionnaire_version)
    return choices(offered, g.get("reader_language") or page_language())


def of_pages() -> list[Choice]:
    """Return the switch of a page that belongs to no questionnaire."""
    return choices(_spoken(), page_language())


def of_person(own: str) -> str:
    """Return the language of a page about a person: by link, their own, else as the browser likes."""
    spoken = _spoken()
    if wanted := asked_for(spoken, request.args):
        return wanted
    if base(own) in spoken:
        return own
    return _browser_likes(spoken) or _SOURCE


def _browser_likes(offered: Offered) -> str:
    """Return the language the browser likes best; Swiss German takes German before English."""
    preferred = [tag for tag, quality in request.accept_languages if quality > 0]
    found = negotiate_locale(preferred, offered, sep="-") or ""
    return next((tag for tag in offered if tag.lower() == found.lower()), "")


def _spoken() -> tuple[str, ...]:
    return (_SOURCE, *catalogues.languages())


def asked_for(offered: Offered, values: Mapping[str, str]) -> str:
    """Return the language that an address or a form asks for, if it is offered."""
    wanted = values.get(FIELD, "")
    try:
        tag = wanted if wanted == mirrored.LANGUAGE else language_tag(wanted)
    except ValueError:
        return ""
    return tag if tag in with_mirrored(offered) else ""


def with_mirrored(offered: Offered) -> list[str]:
    """Return the languages on offer, with the one for looking at layouts where it is turned on."""
    return [*offered, *([mirrored.LANGUAGE] if state().settings.has_mirrored_language else [])]


def choices(offered: Offered, current: str) -> list[Choice]:
    """Return the languages of the switch, each under its own name; empty where there is one only."""
    tags = with_mirrored(offered)
    near = (tag for tag in tags if base(tag) == base(current))
    here = current if current in tags else next(near, "")
    return [Choice(tag, name_of(tag), tag == here) for tag in tags] if len(tags) > 1 else []


def name_of(tag: str) -> str:
    """Return a language's name as those who speak it write it."""
    if tag == mirrored.LANGUAGE:
        return mirrored.text("Mirrored")
    try:
        name = Locale.parse(_parsable(tag)).get_display_name()
    except UnknownLocaleError:
        return tag
    return f"{name[:1].upper()}{name[1:]}" if name else tag


def interface_language(tag: str) -> str:
    """Return the language of the page around a text: the same where there is a catalogue of it."""
    if tag == mirrored.LANGUAGE:
        return tag
    return tag if base(tag) in _spoken() else _SOURCE


def direction(tag: str) -> str:
    """Tell which way a language is written."""
    try:
        return str(Locale.parse(_parsable(tag)).text_direction)
    except UnknownLocaleError:
        return "auto"


def page_language() -> str:
    """Return the page's language; while nobody is known, the address and the browser decide."""
    if known := g.get("reader_language"):
        return interface_language(known)
    if not request.path.startswith(_RESPONDENT_PAGES):
        return _SOURCE
    return of_person("")


def page_texts() -> NullTranslations:
    """Return the page's texts; once its reader is known they are at hand, for a page says some twenty."""
    known: NullTranslations | None = g.get("reader_texts")
    return known or catalogues.texts(page_language())


def _page_locale() -> str:
    return _parsable(page_language())


def _parsable(tag: str) -> str:
    return _STAND_IN if tag == mirrored.LANGUAGE else tag.replace("-", "_")


def _context() -> dict[str, str]:
    language = page_language()
    return {"page_locale": language, "page_direction": direction(language)}
