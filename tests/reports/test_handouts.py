"""Handouts of respondents: what they say, in which words, and that a reader without a screen can use them."""

import io
import logging
import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pikepdf
import pypdf
import pytest

from surveyapp.questionnaires import answers as rules_of_answers
from surveyapp.questionnaires import rules
from surveyapp.questionnaires.definition import Anonymity, Questionnaire
from surveyapp.questionnaires.loading import load
from surveyapp.questionnaires.parsing import parse
from surveyapp.questionnaires.repeating import expanded
from surveyapp.questionnaires.values import file_answer
from surveyapp.questionnaires.wording import addressed, localised
from surveyapp.reports import pdf
from surveyapp.reports.handouts import answers, drawing, questions, stating
from surveyapp.reports.handouts.conditions import Conditions, Place
from surveyapp.reports.words import Words
from surveyapp.resources import bundled
from surveyapp.web import catalogues
from tests.questionnaires.feature import NAMES, all_together, feature

LIBRARY = sorted(
    path.parent.name for path in bundled("questionnaires").glob("*/questionnaire.yaml")
)
ABOUT = answers.About(
    asker="Kestrin Equipment",
    data_note="Sample data",
    contract="Your name stays with your answers.",
    person="Tomas Vey",
    them="Kestrin",
    sent_at=datetime(2026, 11, 3, 9, 41, tzinfo=UTC),
    is_by_interviewer=False,
    is_severed=False,
)
GIVEN: dict[str, Any] = {
    "delivers": 2,
    "delivers.comment": "See <b>below</b> & {{ them }}",
    "what_happened": "They were late, and nobody said so. " * 60,
    "channel": "other",
    "channel.other": "عبر البريد والهاتف",
    "sites": ["berlin"],
    "near@berlin": 2,
    "slow@berlin": "Nothing.",
    "since": "2019-04-03",
    "certificate": file_answer("x", "ISO 27001, Überprüfung.pdf", "0" * 64),
}


def listed(questionnaire: Questionnaire) -> questions.Questions:
    frame = questions.Frame(
        asker="Kestrin Equipment",
        data_note="Sample data",
        contract=stating.promise(questionnaire, people=5, has_anonymous_part=False),
        published_on=date(2026, 11, 3),
    )
    return questions.listed(questionnaire, questionnaire.views[0], frame)


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html.partition("<body")[2])))


def said(rule: str, language: str = "en") -> str:
    """A condition over all-together in words."""
    questionnaire = all_together()
    units = rules_of_answers.units(questionnaire)
    places = {name: Place(number) for number, name in enumerate(units, 1)}
    places["fast"] = Place(3, "Fast?")
    return Conditions(Words(stating.locale_of(language)), places, units).only_if(parse(rule))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("delivers <= 3", "the answer to question 1 is 3 or below"),
        ("3 > fast", "the answer to question 3 (“Fast?”) is below 3"),
        ('channel == "other"', "the answer to question 8 is “Another way”"),
        ('channel != "not_me"', "the answer to question 8 is not “Not my role”"),
        ("not delivers == 4", "the answer to question 1 is not 4"),
        ("matters in [price, speed]", "the answer to question 12 is “Price” or “Speed”"),
        ("any_of(sites, [berlin, lyon])", "the answer to question 10 includes “Berlin” or “Lyon”"),
        ("all_of(sites, [berlin, lyon])", "the answer to question 10 includes “Berlin” and “Lyon”"),
        ("not any_of(sites, [berlin])", "the answer to question 10 does not include “Berlin”"),
        ("count(sites) >= 2", "2 or more are chosen in question 10"),
        (
            "answered(since) and not answered(role)",
            "question 25 is answered and question 26 is not",
        ),
        (
            "delivers > 5 and (fast < 2 or recommend >= 9)",
            "the answer to question 1 is above 5 and (the answer to question 3 (“Fast?”) is below 2 or",
        ),
    ],
)
def test_conditions_are_said_by_the_numbers_of_their_questions(rule: str, words: str) -> None:
    sentence = said(rule)
    assert sentence.startswith(f"Only asked if {words}"), sentence
    assert said(rule, "de").startswith("Wird nur gefragt, wenn ")


@pytest.mark.parametrize(
    "rule",
    [
        'contact.function == "it"',
        "kpi.otd < 0.9 and delivers <= 3",
        "delivers + fast < 7",
        "service < 3",
        "min(delivers, fast) <= 2",
    ],
)
def test_what_short_words_cannot_say_is_left_to_the_pages(rule: str) -> None:
    assert said(rule) == "Only asked when other answers or what is known call for it."


def test_long_options_are_called_by_their_letters() -> None:
    html = listed(load(bundled("questionnaires") / "collaboration-maturity")).to_html()
    assert "Only asked if the answer to question 1 is “b”, “c”, “d” or “e”." in html
    assert re.search(r'<span class="point">b</span> Some people on our side', html)


@pytest.mark.parametrize("name", [*LIBRARY, *(f"features/{each}" for each in NAMES)])
def test_every_question_stands_in_its_list_with_no_name_and_nothing_unfilled(name: str) -> None:
    whole = feature(name[9:]) if "/" in name else load(bundled("questionnaires") / name)
    for language in ("en", "de") if whole.translations else (whole.language,):
        told = listed(localised(whole, language))
        text = words_of(told.to_html())
        assert "{" not in text
        asked = [question for part in told.parts for question in part.questions]
        assert [each.number for each in asked] == list(range(1, len(asked) + 1))
        assert [each.text for each in asked if " ".join(each.text.split()) not in text] == []
        assert ("[brackets]" in text or "[Klammern]" in text) == told.has_stand_ins
        own = set(re.findall(r"\b(Only asked|Choose|Needs an|Page|or:)", text))
        assert language == "en" or not own


def test_names_are_stood_in_for_by_role_and_repeats_stand_there_once() -> None:
    text = words_of(listed(all_together()).to_html())
    assert "[the supplier] are near [one of your answers to question 6]." in text
    assert "Asked once for each of your answers to question 6." in text
    assert "You gave [worked out from your answers] of 7 for service." in text
    assert "Another way (then: Which way?)" in text
    view = listed(load(bundled("questionnaires") / "supplier-rates-buyer"))
    assert "[the buyer]" in view.to_html()


def test_the_promise_is_the_sentence_of_the_pages() -> None:
    german = catalogues.texts("de")
    for anonymity, said_on_pages in {
        Anonymity.IDENTIFIED: "Your name stays with your answers.",
        Anonymity.CONFIDENTIAL: "Confidential: shown only for %(least)s or more people together.",
        Anonymity.ANONYMOUS: "Anonymous once it has closed: shown only for %(least)s or more people"
        " together.",
    }.items():
        for language, page in (("en", said_on_pages), ("de", german.ugettext(said_on_pages))):
            update = {"anonymity": anonymity, "language": language}
            told = stating.promise(
                all_together().model_copy(update=update), people=5, has_anonymous_part=False
            )
            assert told == page % {"least": 5}


def test_a_list_is_the_same_document_until_something_it_says_changes() -> None:
    whole = all_together()
    first, again = listed(whole), listed(whole)
    assert first.sha256 == again.sha256
    content = pdf.write(first.to_html(), drawing.look())
    assert content == pdf.write(again.to_html(), drawing.look())
    assert listed(whole.model_copy(update={"title": "Another"})).sha256 != first.sha256
    with pikepdf.open(io.BytesIO(content)) as document:
        assert document.Root.MarkInfo.Marked
        assert "pdfuaid" in str(document.Root.Metadata.read_bytes())
        assert str(document.docinfo["/Title"]).startswith("All the questions")
        assert document.Root.Outlines.First.Title == "All the questions"


def sheet(**given: Any) -> answers.AnswerSheet:
    whole = addressed(expanded(all_together()), {"them": "Kestrin", "us": "Aldermere"}, {})
    return answers.copied(whole, rules.path(whole, {**GIVEN, **given}, {}), ABOUT)


def test_an_own_copy_gives_every_answer_back_as_it_was_written(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "weasyprint")
    made = sheet()
    content, lacks_signs = pdf.write_quietly(made.to_html(), drawing.look())
    assert not lacks_signs
    assert [each for each in caplog.records if each.name == "weasyprint"] == []
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))
    for words in (
        "Tomas Vey about Kestrin, sent on 3 November 2026, 09:41 UTC.",
        "Comment See <b>below</b> & {{ them }}",
        "ISO 27001, Überprüfung.pdf",
        "3 April 2019",
        "What slows Berlin down? Nothing.",
    ):
        assert words in text
    assert text.count("They were late, and nobody said so.") == 60
    assert '<dd dir="rtl">عبر' in made.to_html()


def test_signs_without_a_letter_are_noticed_and_named_in_no_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    odd = sheet(what_happened="secret \U0001f9ff \ue123")
    _, lacks_signs = pdf.write_quietly(odd.to_html(), drawing.look())
    assert lacks_signs
    assert "E123" not in caplog.text
    assert "they are boxes here" in odd.with_missing_signs().to_html()
    assert "they are boxes here" not in odd.to_html()
