"""Which texts an owner may give a mail."""

import unicodedata
from typing import Final

from surveyapp.delivery.rendering import PLACEHOLDER
from surveyapp.errors import Invalid, Problem

PLACEHOLDERS: Final = ("name", "asker", "them", "title", "minutes", "last_day", "link", "contract")
"""Who reads it; who asks; whom it is about; the questionnaire; how long, as in "6 minutes"; until when;
the personal link; who sees the answers."""
NEEDED: Final = ("link", "contract")
LONGEST_SUBJECT: Final = 200
LONGEST_BODY: Final = 5000
_WHY_NEEDED: Final = {
    "link": "Without it nobody can answer. Put it on a line of its own.",
    "contract": "People are told in every mail who sees their answers.",
}
_DIRECTIONS: Final = frozenset(
    "\N{LEFT-TO-RIGHT EMBEDDING}\N{RIGHT-TO-LEFT EMBEDDING}\N{POP DIRECTIONAL FORMATTING}"
    "\N{LEFT-TO-RIGHT OVERRIDE}\N{RIGHT-TO-LEFT OVERRIDE}\N{LEFT-TO-RIGHT ISOLATE}"
    "\N{RIGHT-TO-LEFT ISOLATE}\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}"
)


def check(subject: str, body: str) -> None:
    """Refuse a text that cannot be sent. Raises Invalid with every problem and its field."""
    problems = [
        *(Problem("subject", said) for said in _problems(subject, LONGEST_SUBJECT)),
        *(Problem("body", said) for said in _problems(body, LONGEST_BODY, allowed="\n\t")),
        *(
            Problem("body", f"{{{name}}} is missing. {_WHY_NEEDED[name]}")
            for name in NEEDED
            if f"{{{name}}}" not in body
        ),
        *(
            Problem("subject", f"{{{name}}} belongs into the text, not into the subject.")
            for name in NEEDED
            if f"{{{name}}}" in subject
        ),
    ]
    if problems:
        raise Invalid("This text cannot be sent as it is.", problems)


def _problems(text: str, longest: int, *, allowed: str = "") -> list[str]:
    problems = []
    if not text.strip():
        problems.append("This is empty.")
    if len(text) > longest:
        problems.append(f"This has {len(text)} characters. At most {longest} are sent.")
    if has_hidden(text, allowed=allowed):
        problems.append("This has characters nobody can see. Type it anew instead of pasting it.")
    unknown = sorted({found for found in PLACEHOLDER.findall(text) if found not in PLACEHOLDERS})
    rest = PLACEHOLDER.sub("", text)
    if unknown:
        names = ", ".join(f"{{{each}}}" for each in unknown)
        known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
        problems.append(f"Nothing is known to put in place of {names}. Use only {known}.")
    if "{" in rest or "}" in rest:
        problems.append(
            "A brace stands without its other half or around other than small letters."
            " Braces are for placeholders only."
        )
    return problems


def has_hidden(text: str, *, allowed: str = "\n\t") -> bool:
    """Tell whether a text has letters that cannot be seen but steer."""
    return any(_is_hidden(letter) and letter not in allowed for letter in text)


def _is_hidden(letter: str) -> bool:
    """Whether a letter cannot be seen but steers: control characters, and what turns the direction."""
    return unicodedata.category(letter) in {"Cc", "Cs", "Co"} or letter in _DIRECTIONS
