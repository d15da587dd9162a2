"""What a mail says around its text, in each language that mails are written in."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from babel import Locale
from babel.units import format_unit

FALLBACK: Final = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """One language's fixed words."""

    open_questionnaire: str
    choose_password: str
    stop: str
    test_mark: str
    test_note: str
    preview_note: str
    since_last: str
    """Stands over what the owner wrote about the time since the last wave."""
    contracts: Mapping[str, str]
    """For each anonymity contract the sentence that says who sees the answers."""


_PHRASES: Final[Mapping[str, Phrases]] = MappingProxyType(
    {
        "en": Phrases(
            open_questionnaire="Open the questionnaire",
            choose_password="Choose your password",  # noqa: S106 words on a button
            stop="I do not want to be asked again",
            test_mark="[Test]",
            test_note=(
                "This is a test. Its link leads to the start of the site; everybody on the list gets"
                " a personal link."
            ),
            preview_note="This is a preview. Its link opens nothing.",
            since_last="Since you were last asked:",
            contracts={
                "identified": "The people who run {asker} can see your answers together with your name.",
                "confidential": "Your answers are only shown together with those of others, never with your name.",
                "anonymous": (
                    "Nobody can see who gave which answer once the survey has closed. Reminders go to"
                    " everybody, also to those who have answered."
                ),
            },
        ),
        "de": Phrases(
            open_questionnaire="Fragebogen öffnen",
            choose_password="Passwort wählen",  # noqa: S106 words on a button
            stop="Ich möchte nicht mehr gefragt werden",
            test_mark="[Test]",
            test_note=(
                "Dies ist ein Test. Der Link führt auf die Startseite; alle auf der Liste bekommen"
                " einen persönlichen Link."
            ),
            preview_note="Dies ist eine Vorschau. Der Link öffnet nichts.",
            since_last="Was seit der letzten Befragung geschehen ist:",
            contracts={
                "identified": "Wer die Befragung von {asker} betreut, sieht Ihre Antworten mit Ihrem Namen.",
                "confidential": "Ihre Antworten werden nur gemeinsam mit denen anderer gezeigt, nie mit Ihrem Namen.",
                "anonymous": (
                    "Nach dem Ende der Befragung kann niemand sehen, wer was geantwortet hat."
                    " Erinnerungen gehen an alle, auch an die, die schon geantwortet haben."
                ),
            },
        ),
    }
)


def phrases(locale: str) -> Phrases:
    """Return a language's words; English where it has none."""
    return _PHRASES.get(base_language(locale), _PHRASES[FALLBACK])


def contract(locale: str, anonymity: str, *, asker: str) -> str:
    """Say in a sentence what the start page spells out."""
    return phrases(locale).contracts[anonymity].replace("{asker}", asker)


def minutes(locale: str, count: int) -> str:
    """Say a length of time: ``6 minutes``, ``6 Minuten``."""
    return format_unit(count, "duration-minute", length="long", locale=babel_locale(locale))


def base_language(locale: str) -> str:
    """Return the language without its region: ``de`` of ``de-AT``."""
    return str(Locale.parse(locale.replace("-", "_")).language)


def babel_locale(locale: str) -> Locale:
    """Return whose spelling of dates a language uses: plain ``en`` would put the month first."""
    return Locale.parse("en_GB" if locale == "en" else locale.replace("-", "_"))
