"""The words of a mail, in the reader's language: one folder of templates per step and language."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from babel import Locale
from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

_TEMPLATES = Path(__file__).parent / "templates"
_FALLBACK = "en"
_DATES = {"en": "en_GB", "de": "de"}
"""How each language written here spells a date: plain "en" would put the month first."""
_environment = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=select_autoescape(["html"], default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Rendered(NamedTuple):
    """A mail's three texts."""

    subject: str
    text: str
    html: str


def render(
    step: str,
    locale: str,
    *,
    contact_name: str,
    asker: str,
    subject_name: str,
    questionnaire_title: str,
    minutes: int,
    closes_on: date,
    link: str,
    contract: str,
    programme_name: str,
    data_note: str = "",
) -> Rendered:
    """Write a step's mail, in English where the reader's language has no templates.

    ``asker`` is who wants to know, ``subject_name`` whom the questions are about, ``contract`` the
    sentence that says who sees the answers.
    """
    folder = _folder(step, locale)
    facts = {
        "contact_name": contact_name,
        "asker": asker,
        "subject_name": subject_name,
        "questionnaire_title": questionnaire_title,
        "minutes": minutes,
        "closes_on": format_date(closes_on, format="long", locale=_DATES[Path(folder).name]),
        "link": link,
        "contract": contract,
        "programme_name": programme_name,
        "data_note": data_note,
    }
    subject = _environment.get_template(f"{folder}/subject.txt").render(facts)
    return Rendered(
        # a line break in a subject would begin a header of the writer's choice
        subject=" ".join(subject.split()),
        text=_environment.get_template(f"{folder}/body.txt").render(facts),
        html=_environment.get_template(f"{folder}/body.html").render(facts),
    )


def languages(step: str) -> list[str]:
    """Return the languages a step's mail is written in."""
    return sorted(folder.name for folder in (_TEMPLATES / step).iterdir())


def _folder(step: str, locale: str) -> str:
    language = Locale.parse(locale.replace("-", "_")).language
    written = languages(step)
    return f"{step}/{language if language in written else _FALLBACK}"
