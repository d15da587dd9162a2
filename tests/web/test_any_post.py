"""Whatever is posted to a section: no fault, a whole draft, and what was typed shown again."""

import io
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from surveyapp.questionnaires.answers import parse, units
from surveyapp.questionnaires.definition import (
    Date,
    LongText,
    Number,
    Questionnaire,
    ShortText,
)
from surveyapp.questionnaires.repeating import expanded
from tests.conftest import Checked, check_page
from tests.questionnaires.feature import feature
from tests.web.walker import Walker
from tests.web.world import Invited, draft, held, open_wave, questionnaire

PAGES = {
    "promises": questionnaire,
    "every_other": questionnaire,
    "own_words": questionnaire,
    "answers": lambda: feature("own-words"),
    "order": lambda: feature("ranked"),
    "practices": lambda: feature("assured"),
    "amounts": lambda: feature("checked"),
    "site@berlin": lambda: feature("repeated"),
}
FEW = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
HOSTILE = (
    "x" * 100_000,
    "漢字かな한글" * 900,
    "\u202e\u2066txt.exe\u2069\u200f",
    "a\x00b\x1b[2J\x7f",
    "<script>alert(1)</script>\"'&<!--",
    "{{7*7}}{them}{0}%(x)s%n",
    "=cmd|' /C calc'!A0",
    "\ufffe\U0010ffff\ufdd0",
    "🏳️‍🌈" * 300,
    "\r\n\r\n",
)
CODES = ("1", "3", "7", "0", "-1", "1e999", "NaN", "١٢", "12,5", "nb", "yes", "partly", "other",
         "portal", "1:price", "2:speed", "3:advice", "99:price", ":", "2026-02-30", "2026-11-22",
         "remove", "true", "null")  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(HOSTILE),
    st.sampled_from(("", " ", *CODES)),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
)
POSTS = st.dictionaries(st.integers(0, 11), st.lists(WORDS, min_size=1, max_size=3), max_size=8)
STRAY = st.dictionaries(
    st.sampled_from(["also", "q_nothing", "q_", "csrf_token", "version"]),
    WORDS,
    max_size=2,
)


def begin(app: Flask, section: str, definition: Questionnaire) -> tuple[Walker, Invited]:
    [tomas] = open_wave(app, "Tomas Vey", definition=definition)
    walker = Walker(app.test_client())
    walker.start(tomas)
    if section == "site@berlin":
        walker.answer(tomas.at("places"), sites=["berlin"])
    return walker, tomas


@pytest.mark.parametrize("section", PAGES)
def test_any_post_is_saved_or_shown_again(app: Flask, section: str) -> None:
    definition = PAGES[section]()
    walker, tomas = begin(app, section, definition)
    written = {
        f"q_{unit.id}": unit
        for unit in units(expanded(definition)).values()
        if isinstance(unit.item, ShortText | LongText | Number | Date)
    }

    @FEW
    @given(posts=POSTS, stray=STRAY, action=st.sampled_from(["continue", "stop"]))
    def post(posts: Mapping[int, list[str]], stray: Mapping[str, str], action: str) -> None:
        page = walker.open(tomas.at(section))
        typed = _fill(page, posts)
        before = draft(app, tomas.slug)
        response = walker.client.post(page.forms[0], data={**stray, **typed, "action": action})
        after = draft(app, tomas.slug)
        if response.status_code == 303:
            for name, unit in written.items():
                if name in typed:
                    assert after.get(unit.id) == parse(unit, typed[name][0])
        else:
            assert after == before
            _shown_again(check_page(response, status=422), typed, written)
        assert all(parse(units(definition)[key], value) == value for key, value in after.items())

    post()
    # whatever came last stands on the review page word for word, also what looks like a template
    walker.open(tomas.at("review"), typed=_texts(draft(app, tomas.slug)))


def test_words_that_look_like_a_template_are_repeated_as_they_are(app: Flask) -> None:
    walker, tomas = begin(app, "answers", feature("own-words"))
    code = "{{7*7}}{them}{0}%(x)s%n None"
    walker.answer(tomas.at("answers"), channel="other", **{"channel.other": code})
    review = walker.open(tomas.at("review"), typed=[code])
    assert code in review.text


def _texts(value: object) -> list[str]:
    """List every text in a draft."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []


def _fill(page: Checked, posts: Mapping[int, list[str]]) -> dict[str, list[str]]:
    """Put something into some of the page's fields."""
    typed = dict(page.as_posted())
    names = sorted({given["name"] or "" for _, given in page.fields if given.get("name")})
    names = [name for name in names if name.startswith("q_")]
    for position, words in posts.items():
        typed[names[position % len(names)]] = words
    return typed


def _shown_again(page: Checked, typed: Mapping[str, list[str]], written: Mapping[str, Any]) -> None:
    again = page.as_posted()
    for name in written.keys() & typed.keys() & again.keys():
        # one browser field holds one text; line breaks are of one kind in HTML
        assert again[name][0].split() == typed[name][0].split(), name


BYTES = st.one_of(
    st.sampled_from([b"", b"%PDF-", b"PK\x03\x04" + b"\x00" * 40, b"\x89PNG\r\n\x1a\n", b"<svg/>"]),
    st.binary(max_size=300),
)
NAMES = st.one_of(
    st.sampled_from(["", ".", "../../etc/passwd", "a\u202efdp.exe", "x" * 400 + ".pdf", "漢.pdf"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30),
)


def test_any_file_is_taken_or_refused_with_words(app: Flask) -> None:
    walker, tomas = begin(app, "papers", feature("files"))

    @FEW
    @given(content=BYTES, name=NAMES, words=WORDS)
    def post(content: bytes, name: str, words: str) -> None:
        page = walker.open(tomas.at("papers"))
        before = draft(app, tomas.slug)
        form: MultiDict[str, object] = MultiDict(page.as_posted())
        form["q_list.comment"] = words
        form.add("q_certificate", (io.BytesIO(content), name))
        response = walker.client.post(page.forms[0], data=form, content_type="multipart/form-data")
        after = draft(app, tomas.slug)
        if response.status_code == 303:
            assert after["certificate"]["name"].endswith((".pdf", ".png", ".jpg", ".jpeg"))
        else:
            check_page(response, status=422)
            assert after == before

    post()


@FEW
@given(body=st.one_of(st.binary(max_size=200), st.text(max_size=80).map(lambda t: t.encode("utf-8", "replace"))),
       kind=st.sampled_from(["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "application/json", ""]))  # fmt: skip
def test_any_body_is_answered_with_a_page(app: Flask, body: bytes, kind: str) -> None:
    if "any-body" not in app.extensions:
        app.extensions["any-body"] = begin(app, "promises", questionnaire())
    walker, tomas = app.extensions["any-body"]
    response = walker.client.post(tomas.at("promises"), data=body, content_type=kind)
    assert response.status_code in {400, 413, 415}
    assert response.mimetype == "text/html"
    assert draft(app, tomas.slug) == {}
    assert held(app) == 0
