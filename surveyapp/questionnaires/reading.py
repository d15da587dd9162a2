"""Read one raw answer of each kind: text from a form or a file, or JSON from the API."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from typing import Final

from surveyapp.questionnaires.items import Escape, LongText, Number, Option, ShortText
from surveyapp.questionnaires.values import file_answer, is_file

EARLIEST_YEAR: Final = 1900
LATEST_YEAR: Final = 2200
LARGEST: Final = 1e15
"""Whole numbers up to here are exact in every program an answer may be opened with."""

_NUMBER: Final = re.compile(r"([+-]?)([0-9]{1,15})(?:[.,]([0-9]{1,15}))?", re.ASCII)
_SPACES: Final = re.compile(r"[\s\u00a0\u202f]+")
_LINE_BREAK: Final = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")


Figure = str | float | tuple[str, ...]
"""What is set into a sentence: the author's words, a number, or words of ours that are translated."""


class AnswerError(ValueError):
    """The raw input is no answer to the question; figures are kept apart so it can be translated."""

    def __init__(self, pattern: str, **figures: Figure) -> None:
        self.pattern = pattern
        self.figures = figures
        super().__init__(self.sentence(str))

    def sentence(
        self, translate: Callable[[str], str], number: Callable[[float], str] = str
    ) -> str:
        """Say it in the reader's language; ``number`` writes numbers as that language does."""

        def say(figure: Figure) -> str:
            match figure:
                case str():
                    return figure
                case tuple():
                    return ", ".join(map(translate, figure))
                case _:
                    return number(figure)

        said = {name: say(figure) for name, figure in self.figures.items()}
        return translate(self.pattern).format(**said)


def read_point(points: Collection[int], raw: object) -> int | None:
    """Read a tick on a scale."""
    text = _plain(raw)
    if text == "":
        return None
    if re.fullmatch(r"-?[0-9]{1,4}", text) and int(text) in points:
        return int(text)
    raise AnswerError(
        "Choose one of the points from {low} to {high}.", low=min(points), high=max(points)
    )


def read_choice(options: Sequence[Option], raw: object) -> str | None:
    """Read the code of the option chosen."""
    code = _plain(raw)
    if code == "":
        return None
    if code not in {option.code for option in options}:
        raise AnswerError("Choose one of the answers offered.")
    return code


def read_choices(
    options: Sequence[Option], way_out: Escape | None, raw: object
) -> list[str] | None:
    """Read the codes of all options chosen, in the order they are offered, each once."""
    parts = raw if isinstance(raw, list | tuple) else [raw]
    chosen = {code for part in parts if (code := _plain(part))}
    if way_out and way_out.code in chosen:
        raise AnswerError("Choose either “{label}” or the other answers.", label=way_out.label)
    if not chosen <= {option.code for option in options}:
        raise AnswerError("Choose among the answers offered.")
    return [option.code for option in options if option.code in chosen] or None


def read_ranking(
    options: Sequence[Option], most: int, way_out: Escape | None, raw: object
) -> list[str] | None:
    """Read an order: codes from the first on, or from a form each option's place as ``2:price``."""
    parts = raw if isinstance(raw, list | tuple) else [raw]
    given = [text for part in parts if (text := _plain(part))]
    if not given:
        return None
    if way_out and way_out.code in given:
        raise AnswerError("Choose either “{label}” or the other answers.", label=way_out.label)
    if not any(":" in text for text in given):
        given = [f"{place}:{code}" for place, code in enumerate(given, start=1)]
    places = _places(given, most)
    for place in range(1, most + 1):
        if place not in places:
            raise AnswerError(
                "Place {place} is still open. Give each place from 1 to {most}.",
                place=place,
                most=most,
            )
    codes = [places[place] for place in range(1, most + 1)]
    if len(set(codes)) < most or not set(codes) <= {option.code for option in options}:
        raise AnswerError("Choose among the answers offered.")
    return codes


def _places(given: Sequence[str], most: int) -> dict[int, str]:
    places: dict[int, str] = {}
    for text in given:
        written, _, code = text.partition(":")
        place = int(written) if re.fullmatch(r"[0-9]{1,2}", written, re.ASCII) else 0
        if not 1 <= place <= most:
            raise AnswerError("Give places from 1 to {most}.", most=most)
        if place in places:
            raise AnswerError("Place {place} is given twice. Give each place once.", place=place)
        places[place] = code
    return places


def read_number(item: Number, raw: object) -> int | float | None:
    """Read a number with a decimal point or comma; spaces may group its thousands."""
    text = _SPACES.sub("", _plain(raw))
    if text == "":
        return None
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise AnswerError("Write a number, for example {example}.", example=_example(item))
    sign, whole, fraction = match.groups()
    fraction = (fraction or "").rstrip("0")
    if len(fraction) > item.decimals:
        if item.decimals == 0:
            raise AnswerError("Write a whole number, without grouping signs such as 1,000.")
        raise AnswerError("Write at most {decimals} decimal places.", decimals=item.decimals)
    number = Decimal(f"{sign}{whole}.{fraction or 0}")
    _check_bounds(item, number)
    return int(number) if not fraction else float(number)


def _check_bounds(item: Number, number: Decimal) -> None:
    # str() first: a bound of 0.1 means a tenth, not the nearest binary fraction
    if item.min is not None and number < Decimal(str(item.min)):
        raise AnswerError("Write a number of at least {least}.", least=item.min)
    if item.max is not None and number > Decimal(str(item.max)):
        raise AnswerError("Write a number of at most {most}.", most=item.max)


def _example(item: Number) -> float:
    return 12 if item.decimals == 0 else 12.5


def read_date(raw: object) -> str | None:
    """Read a day as year-month-day."""
    text = raw.isoformat() if type(raw) is dt.date else _plain(raw)
    if text == "":
        return None
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
        raise AnswerError("Write the date as year-month-day, for example 2026-11-22.")
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise AnswerError("There is no such day. Check the day and the month.") from error
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise AnswerError(
            "Check the year: it must lie between {first} and {last}.",
            first=EARLIEST_YEAR,
            last=LATEST_YEAR,
        )
    return text


def read_file(raw: object) -> dict[str, str] | None:
    """Read which file was handed in; whoever keeps the files says what belongs to its id."""
    if is_file(raw) and all(isinstance(part, str) for part in raw.values()):
        return file_answer(raw["file"], raw["name"], raw["sha256"])
    if isinstance(raw, dict) or _plain(raw):
        raise AnswerError("This file is not here any more. Choose it again.")
    return None


def read_text(item: ShortText | LongText, raw: object) -> str | None:
    """Read words: line breaks made one kind, invisible control characters dropped."""
    if raw is None:
        return None
    if not isinstance(raw, str):
        raise AnswerError("Write text.")
    text = unicodedata.normalize("NFC", _LINE_BREAK.sub("\n", raw))
    text = "".join(character for character in text if _is_writable(character)).strip()
    if not any(_is_visible(character) for character in text):
        return None
    if isinstance(item, ShortText) and "\n" in text:
        raise AnswerError("Write this on one line.")
    if len(text) > item.max_length:
        raise AnswerError(
            "This is {length} characters long. Shorten it to {most} or fewer.",
            length=len(text),
            most=item.max_length,
        )
    return text


def _is_visible(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) != "Cf"


def _is_writable(character: str) -> bool:
    return character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs")


def _plain(raw: object) -> str:
    """Return form text trimmed, and a JSON number as it would be typed."""
    match raw:
        case None:
            return ""
        case str():
            return raw.strip()
        case bool():
            raise AnswerError("Give the answer itself, not true or false.")
        case int():
            return str(raw) if abs(raw) < LARGEST else "?"
        case float():
            return _float_text(raw)
        case list() | tuple() if len(raw) <= 1:
            return _plain(raw[0]) if raw else ""
        case _:
            raise AnswerError("Give one answer only.")


def _float_text(raw: float) -> str:
    if raw.is_integer() and abs(raw) < LARGEST:
        return str(int(raw))
    return format(Decimal(repr(raw)), "f") if abs(raw) < LARGEST else "?"
