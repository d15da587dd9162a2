import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from jinja2.ext import babel_extract

from surveyapp import reports, resources
from surveyapp.reports import html, packs
from surveyapp.reports.charts.key import TITLES
from surveyapp.reports.context import ScorecardContext
from surveyapp.reports.handouts import drawing
from surveyapp.reports.numbers import Numbers
from surveyapp.reports.packs import shared_folder
from surveyapp.reports.sentences import ASSUMED
from surveyapp.reports.words import TERMS, Words, catalogue
from tests.reports.contexts import (
    make_lone_answer,
    make_silent,
    make_whole,
    make_whole_portfolio,
)

CODE = Path(reports.__file__).parent
PACKS = ("portfolio", "scorecard")
TEMPLATES = (
    *(resources.bundled("reports") / name for name in PACKS),
    shared_folder(),
    drawing.look().folder,
)
VALUE = re.compile(r"%\((\w+)\)s")


def said_in_code() -> Iterator[tuple[Path, str, list[ast.expr]]]:
    """Calls of ``say`` and ``say_count``: file, name, arguments that are texts."""
    for path in sorted(CODE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and path.name != "words.py":
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in {"say", "say_count"}:
                    yield path, name, node.args[: 2 if name == "say_count" else 1]


def texts_of_code() -> Iterator[str]:
    for _, _, arguments in said_in_code():
        yield from (each.value for each in arguments if isinstance(each, ast.Constant))


def texts_of_templates() -> Iterator[str]:
    for folder in TEMPLATES:
        for path in sorted(folder.glob("*.html")):
            with path.open("rb") as file:
                for _, _, said, _ in babel_extract(file, ["_"], [], {}):
                    yield said if isinstance(said, str) else said[0]


def texts() -> set[str]:
    titles = {packs.find(name).report.title for name in PACKS}
    return {*texts_of_code(), *texts_of_templates(), *TERMS, *TITLES.values(), ASSUMED, *titles}


def test_every_text_of_a_report_is_written_in_german() -> None:
    used = texts()
    assert len(used) > 250
    assert used - set(catalogue("de")) == set()


def test_the_catalogue_holds_no_text_that_is_no_longer_used() -> None:
    assert set(catalogue("de")) - texts() == set()


def test_a_translation_has_the_values_of_its_text() -> None:
    for text, translated in catalogue("de").items():
        assert set(VALUE.findall(text)) == set(VALUE.findall(translated)), text
        values = dict.fromkeys(VALUE.findall(text), "x")
        if values:
            assert "%(" not in translated % values


def test_only_literal_texts_are_said_so_that_none_escapes_the_catalogue() -> None:
    for path, name, arguments in said_in_code():
        assert len(arguments) == (2 if name == "say_count" else 1), path
        assert all(isinstance(each, ast.Constant) for each in arguments), path


def test_what_has_no_translation_is_said_in_english() -> None:
    assert Words("de_DE").term("Vertical") == "Vertical"
    assert Words("en_GB").say("%(low)s to %(high)s", low=1, high=2) == "1 to 2"
    assert Words("de_CH").say("%(low)s to %(high)s", low=1, high=2) == "1 bis 2"


ENGLISH = re.compile(
    r"\b(the|and|of|with|answered|people|score|silent|below|target|missed|higher|wave)\b"
)


@pytest.mark.parametrize(
    "card",
    [make_whole(), make_lone_answer(), make_silent()],
    ids=["whole", "lone answer", "silent"],
)
def test_nothing_of_a_german_scorecard_is_left_in_english(card: ScorecardContext) -> None:
    climate = tuple(replace(row, items=()) for row in card.climate)
    german = replace(card, locale="de_DE", climate=climate, facts=card.facts[:1])
    written = html.render(packs.find("scorecard"), german)
    text = re.sub(r"<[^>]+>", " ", written.split("<body", 1)[1].split(">", 1)[1])
    text = text.replace(card.programme, "").replace("On-time delivery", "")
    assert ENGLISH.findall(text) == []


def test_nothing_of_a_german_portfolio_is_left_in_english() -> None:
    german = make_whole_portfolio(locale="de_DE", programme="Kestrin")
    for each in (german, replace(german, relationships=german.relationships[-3:], rollups=())):
        shown = replace(each, mix=None, movement=None) if not each.measured else each
        written = html.render(packs.find("portfolio"), shown)
        text = re.sub(r"<[^>]+>", " ", written.split("<body", 1)[1].split(">", 1)[1])
        assert ENGLISH.findall(text.replace("Night desk", "")) == []


def test_numbers_and_dates_are_german_too() -> None:
    numbers = Numbers("de_DE")
    assert numbers.chance(0.005) == "unter 1 von 100"
    assert numbers.age(420) == "14 Monate"
    assert numbers.listed(["A", "B"]) == "A und B"
    assert numbers.quoted("On-time delivery") == "„On-time delivery“"
    assert numbers.amount(Decimal(761_426), "EUR") == "761.000\N{NO-BREAK SPACE}€"
    assert (
        numbers.amount(Decimal(4_200_000), "EUR") == "4,2\N{NO-BREAK SPACE}Mio.\N{NO-BREAK SPACE}€"
    )
    assert numbers.fact(make_whole().facts[0], 0.935).startswith("93,5")
