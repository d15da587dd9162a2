"""What all handouts say alike: the promise in a sentence, in which language, which way it is written."""

import unicodedata
from typing import Final

from babel import Locale, UnknownLocaleError

from surveyapp.questionnaires.definition import Anonymity, Questionnaire
from surveyapp.reports.words import Words, catalogue

_FALLBACK: Final = "en_GB"
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})


def locale_of(language: str) -> str:
    """Return the locale of a handout's own words: English where its language has none of them."""
    base = language.partition("-")[0]
    if base == "en" or not catalogue(base):
        return _FALLBACK
    try:
        return str(Locale.parse(language, sep="-"))
    except (UnknownLocaleError, ValueError):
        return base


def promise(questionnaire: Questionnaire, *, people: int, has_anonymous_part: bool) -> str:
    """Say the anonymity contract in a sentence, as the foot of each page of the questionnaire does."""
    say = Words(locale_of(questionnaire.language)).say
    match questionnaire.anonymity:
        case Anonymity.IDENTIFIED:
            named = say("Your name stays with your answers.")
            some = say("Some questions are anonymous once it has closed.")
            return f"{named} {some}" if has_anonymous_part else named
        case Anonymity.CONFIDENTIAL:
            return say(
                "Confidential: shown only for %(least)s or more people together.", least=people
            )
        case Anonymity.ANONYMOUS:
            return say(
                "Anonymous once it has closed: shown only for %(least)s or more people together.",
                least=people,
            )


def direction(text: str) -> str:
    """Tell which way a text is written, by its first letter that has a direction."""
    for sign in text:
        kind = unicodedata.bidirectional(sign)
        if kind in _RIGHT_TO_LEFT:
            return "rtl"
        if kind == "L":
            return "ltr"
    return "ltr"
