"""Texts of reports in the reader's language: a catalogue per language, keyed by the English text."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import yaml

TERMS: Final = (
    *("Antagonistic", "Transactional", "Predisposed", "Trusted Advisor"),
    *("Integrity", "Competency", "Recognition", "Proactivity", "Savvy", "Chemistry"),
    *("Attitude", "Intent", "Commercial", "Engineering", "Executive", "Finance", "IT", "Legal"),
    *("Operations", "Other", "Procurement", "Quality", "Sales", "Security", "Service", "User"),
    *("Executive sponsor", "Not stated", "Sample data"),
    *("All functions", "Other functions"),
    *("customers", "suppliers", "relationships"),
    *("at risk", "not at risk", "cannot tell yet", "wide open", "no answers", "from facts only"),
    *("colder", "warmer", "no difference we can tell", "usual", "split"),
    *("Loved but failing", "Liked and delivering"),
    *("Disliked and failing", "Delivering but disliked"),
)
"""Names and codes that come with the data and have a translation; others are printed as they came."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in one locale, for example ``en_GB``."""

    locale: str

    def say(self, text: str, /, **values: str | int) -> str:
        """Return the text in this language with its values put in, ``%(name)s`` as in gettext.

        Percent formatting reads no attributes of a value, so that a pack's template can do no harm.
        """
        return self.term(text) % values

    def say_count(self, one: str, many: str, count: int, /, **values: str | int) -> str:
        """The same for a count, in the singular or the plural; ``%(count)s`` is the count itself."""
        return self.say(one if count == 1 else many, **{"count": count, **values})

    def term(self, text: str) -> str:
        """Return the translation of a text without values, or the text where there is none."""
        return catalogue(self.locale.split("_")[0]).get(text, text)


@functools.cache
def catalogue(language: str) -> Mapping[str, str]:
    """Read the translations of a language by their English text; English needs none."""
    path = files("surveyapp.reports") / "languages" / f"{language}.yaml"
    if not path.is_file():
        return {}
    texts: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return texts
