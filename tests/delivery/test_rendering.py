"""The words of a mail: the facts in every language, escaped where that matters."""

import re
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.delivery import phrases
from surveyapp.delivery.rendering import (
    PLACEHOLDER,
    Rendered,
    Text,
    languages,
    long_date,
    ready,
    render,
    written_in,
)

LINK = "https://survey.example/r/" + "a" * 43
CONTRACT = "Kestrin sees your name beside your answers."
EVERY_TEXT = [(template, each) for template in ("invitation", "reminder") for each in ("de", "en")]


def written(
    text: Text, language: str = "en", *, notes: Sequence[str] = (), **changed: str
) -> Rendered:
    facts = {
        "name": "Tomas Vey",
        "asker": "Kestrin Logistics",
        "them": "Kestrin Logistics",
        "title": "How are we doing?",
        "minutes": phrases.minutes(language, 6),
        "last_day": long_date(date(2026, 10, 23), language),
        "link": LINK,
        "contract": CONTRACT,
    } | changed
    label = phrases.phrases(language).open_questionnaire
    return render(text, facts, language=language, link_label=label, notes=notes)


def invitation(language: str = "en", **changed: str) -> Rendered:
    return written(ready("invitation", language), language, **changed)


def test_the_ready_mails_are_written_in_the_same_languages() -> None:
    assert languages("invitation") == languages("reminder") == languages("set-password")
    assert set(languages("invitation")) == {"de", "en"}


@pytest.mark.parametrize(("template", "language"), EVERY_TEXT)
def test_every_ready_mail_states_every_fact(template: str, language: str) -> None:
    mail = written(ready(template, language), language, notes=["Kestrin survey (sample data)"])
    minutes = {"de": "6 Minuten", "en": "6 minutes"}[language]
    for body in (mail.text, mail.html):
        for fact in (LINK, "Tomas Vey", minutes, "2026", "How are we doing?", CONTRACT):
            assert fact in body
        assert "Kestrin survey (sample data)" in body
        assert not PLACEHOLDER.search(body)
    assert "Kestrin Logistics" in mail.subject
    assert f'lang="{language}"' in mail.html


def test_dates_and_lengths_are_spelled_in_the_readers_language() -> None:
    assert "23 October 2026" in invitation("en").text
    assert "23. Oktober 2026" in invitation("de").text
    assert phrases.minutes("en", 1) == "1 minute"
    assert phrases.minutes("de-AT", 1) == "1 Minute"


def test_a_language_without_a_ready_mail_gets_english() -> None:
    assert written_in("invitation", "fi") == "en"
    assert written_in("invitation", "de-AT") == "de"


def test_a_third_party_is_named_beside_the_asker() -> None:
    text = invitation(asker="Aldermere Foods").text
    assert "How is working with Kestrin Logistics going? Aldermere Foods would like to hear" in text


def test_a_subject_is_one_line() -> None:
    assert "\n" not in invitation(them="A\r\nBcc: all@x.example").subject


def test_the_link_stands_on_a_line_of_its_own_and_is_a_button_in_html() -> None:
    mail = invitation()
    assert LINK in mail.text.splitlines()
    assert f'<a class="open" href="{LINK}">Open the questionnaire</a>' in mail.html
    assert mail.html.count(LINK) == 1


def test_paragraphs_and_lines_of_an_owner_stay_paragraphs_and_lines() -> None:
    html = written(Text("S", "One\ntwo\n\n\nThree {link} four\n\n{contract}")).html
    assert "One<br>two" in html
    assert html.count("<p>") == 2
    assert html.count('<p class="contract">') == 1
    assert re.search(r"Three <a [^>]+>Open the questionnaire</a> four", html)


def test_braces_inside_a_name_stay_what_they_are() -> None:
    assert "Hello {link}," in invitation(name="{link}").text


def test_the_way_to_be_asked_no_more_stands_below_in_both() -> None:
    stop = "https://survey.example/stop/" + "b" * 43
    facts = dict.fromkeys(("name", "link", "contract"), "x")
    mail = render(
        Text("S", "{name} {link} {contract}"),
        facts,
        language="de",
        link_label="Los",
        stop_link=stop,
    )
    assert mail.text.endswith(f"Ich möchte nicht mehr gefragt werden:\n{stop}\n")
    assert f'href="{stop}"' in mail.html


@given(st.text(max_size=60))
def test_no_markup_in_a_text_or_name_reaches_the_html(words: str) -> None:
    plain = words.replace("{", "(").replace("}", ")")
    hostile = f"<script>{plain}</script>"
    html = written(Text("S", f"{hostile} {{name}} {{link}}"), name=f'"><img src=x>{plain}').html
    assert "<script" not in html
    assert "<img" not in html
