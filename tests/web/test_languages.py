import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.models.invitations import Invitation
from surveyapp.questionnaires import mirrored
from surveyapp.questionnaires.catalogue import find
from surveyapp.services import invitations, reader_languages
from surveyapp.web import catalogues
from tests.conftest import Checked, check_page, make_app
from tests.web.walker import Walker, main_form
from tests.web.world import Invited, draft, dump, open_wave, questionnaire

GERMAN_START = "Vor „Start“ wird nichts gespeichert."
ENGLISH_START = "Nothing is recorded before you press Start."
FIRST, SECOND = "being_straight", "knowing_our_situation"


def invite(app: Flask, *, locale: str) -> Invited:
    [invited] = open_wave(app, "Tomas Vey", definition=find("relationship-core"), locale=locale)
    return invited


def opened(client: FlaskClient, path: str, **headers: str) -> Checked:
    return check_page(client.get(path, headers=headers))


def language_of(found: Checked) -> str:
    return re.findall(r'<html lang="([^"]+)" dir="([^"]+)">', found.html)[0][0]


@pytest.mark.parametrize(
    ("own", "browser", "query", "expected"),
    [
        ("de", "", "", "de"),
        ("de-AT", "en", "", "de-AT"),
        ("en", "de", "", "en"),
        ("fr", "de-CH, en;q=0.5", "", "de"),
        ("fr", "it", "", "en"),
        ("en", "en", "?lang=de", "de"),
        ("de", "de", "?lang=en", "en"),
        ("de", "de", "?lang=fr", "de"),
        ("de", "de", "?lang=%22%3E", "de"),
        ("de", "de", f"?lang={mirrored.LANGUAGE}", "de"),
    ],
)
def test_the_start_page_speaks_as_the_link_the_contact_or_the_browser_says(
    app: Flask, own: str, browser: str, query: str, expected: str
) -> None:
    invited = invite(app, locale=own)
    before = dump(app)
    found = opened(app.test_client(), f"{invited.link}{query}", **{"Accept-Language": browser})
    assert language_of(found) == expected
    is_german = expected.startswith("de")
    assert (GERMAN_START in found.text, ENGLISH_START in found.text) == (is_german, not is_german)
    assert found.h1 == ("Wie läuft es mit uns?" if is_german else "How are we doing?")
    assert dump(app) == before


def test_the_language_of_the_start_page_is_the_one_one_goes_on_in_on_any_device(
    app_on_both: Flask,
) -> None:
    invited = invite(app_on_both, locale="de")
    client = app_on_both.test_client()
    page = opened(client, f"{invited.link}?lang=en")
    response = client.post(invited.link, data=page.as_posted())
    assert check_page(client.get(response.location)).h1 == "Being straight with each other"
    elsewhere = opened(app_on_both.test_client(), invited.link)
    assert language_of(elsewhere) == "en"
    with app_on_both.app_context():
        invitation = db.session.scalars(select(Invitation)).one()
        found = invitations.redeem(db.session(), invited.token, at=invitation.created_at)
        version = found.wave.questionnaire_version
        assert reader_languages.of_mail(found.invitation, version) == "en"
    back = opened(client, f"{invited.link}?lang=de")
    client.post(invited.link, data=back.as_posted())
    assert language_of(opened(client, invited.at(FIRST))) == "de"


def test_switching_on_a_section_saves_what_was_typed_in_both_directions(app_on_both: Flask) -> None:
    invited = invite(app_on_both, locale="de")
    walker = Walker(app_on_both.test_client())
    walker.start(invited)
    page = walker.open(invited.at(FIRST))
    assert "Speichern und weiter" in page.text
    typed = {**page.as_posted(), "q_bad_news": ["6"], "lang": ["en"]}
    response = walker.client.post(main_form(page), data=typed)
    assert (response.status_code, response.location) == (303, invited.at(FIRST))
    english = walker.open(invited.at(FIRST))
    assert english.h1 == "Being straight with each other"
    assert english.as_posted()["q_bad_news"] == ["6"]
    typed = {**english.as_posted(), "q_contract_gaps": ["2"], "lang": ["de"]}
    walker.client.post(main_form(english), data=typed)
    german = walker.open(invited.at(FIRST))
    assert german.h1 == "Offen miteinander umgehen"
    assert draft(app_on_both, invited.slug) == {"bad_news": 6, "contract_gaps": 2}
    assert "Abschnitt 1 gespeichert um" in german.text


def test_switching_an_untouched_section_does_not_call_it_saved(
    app: Flask, client: FlaskClient
) -> None:
    invited = invite(app, locale="de")
    walker = Walker(client)
    walker.start(invited)
    page = walker.open(invited.at(FIRST))
    response = client.post(main_form(page), data={**page.as_posted(), "lang": "en"})
    assert response.location == invited.at(FIRST)
    english = walker.open(invited.at(FIRST))
    assert "saved at" not in english.text
    again = walker.fill(english, bad_news="5")
    assert again.location == invited.at(SECOND)


def test_what_cannot_be_saved_is_shown_again_in_the_new_language(
    app: Flask, client: FlaskClient
) -> None:
    definition = questionnaire({"translations": {"de": {"title": "Wie läuft es mit {them}?"}}})
    [invited] = open_wave(app, "Tomas Vey", definition=definition)
    walker = Walker(client)
    walker.start(invited)
    page = walker.open(invited.at("every_other"))
    typed = {**page.as_posted(), "q_orders": ["-5"], "q_role": ["Buyer"], "lang": ["de"]}
    shown = check_page(client.post(main_form(page), data=typed), status=422)
    assert language_of(shown) == "de"
    assert "Geben Sie eine Zahl ein, die mindestens 0 ist." in shown.text
    assert (shown.as_posted()["q_orders"], shown.as_posted()["q_role"]) == (["-5"], ["Buyer"])
    assert draft(app, invited.slug) == {}


def test_a_questionnaire_may_have_languages_that_the_pages_do_not(
    app: Flask, client: FlaskClient
) -> None:
    overlays = {"ar": {"title": "كيف يسير العمل مع {them}؟"}, "pt-BR": {"title": "Como vai?"}}
    [invited] = open_wave(
        app, "Tomas Vey", definition=questionnaire({"translations": overlays}), locale="ar"
    )
    found = opened(client, invited.link)
    assert '<html lang="en" dir="ltr">' in found.html
    assert re.search(r'<h1[^>]*lang="ar"\s+dir="rtl"', found.html)
    current = re.findall(r'hreflang="([^"]+)"\s+aria-current="true"', found.html)
    assert current == ["ar"]
    assert "Português (Brasil)" in found.text
    Walker(client).start(invited)
    section = opened(client, invited.at("promises"))
    assert re.findall(r'<span lang="([^"]+)" aria-current="true"', section.html) == ["ar"]


def test_days_and_numbers_are_written_as_the_reader_does(app: Flask, client: FlaskClient) -> None:
    definition = questionnaire({"translations": {"de": {"title": "Wie läuft es mit {them}?"}}})
    for locale, day, number in (
        ("de", "2. Oktober 2026", "1.200 orders"),
        ("en", "2 October 2026", "1,200 orders"),
    ):
        [invited] = open_wave(
            app, "Tomas Vey", definition=definition, locale=locale, slug=f"kestrin-{locale}"
        )
        walker = Walker(client)
        walker.start(invited)
        walker.answer(invited.at("every_other"), "stop", last_visit="2026-10-02", orders="1 200")
        review = walker.open(invited.at("review")).text
        assert day in review
        assert number in review


def test_pages_without_questions_switch_where_they_are(app: Flask, client: FlaskClient) -> None:
    invited = invite(app, locale="de")
    walker = Walker(client)
    walker.start(invited)
    for page, heading in (("review", "Look over your answers"), ("contract", "Who sees what")):
        client.post(invited.at("language/show_review"), data={"lang": "de"})
        [switch] = [form for form in walker.open(invited.at(page)).forms if "/language/" in form]
        response = client.post(switch, data={"lang": "en"})
        assert response.location == invited.at(page)
        assert walker.open(invited.at(page)).h1 == heading
    assert client.post(invited.at("language/submit"), data={"lang": "en"}).status_code == 404
    client.post(invited.at("language/show_review"), data={"lang": "fr"})
    assert walker.open(invited.at("review")).h1 == "Look over your answers"
    stranger = app.test_client()
    refused = stranger.post(invited.at("language/show_review"), data={"lang": "de"})
    assert refused.status_code == 403


def english_texts() -> set[str]:
    with (catalogues.FOLDER / "de" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    plain = {each.id for each in messages if isinstance(each.id, str) and each.id != each.string}
    return {text for text in plain if "%(" not in text and "{" not in text and len(text) > 8}


def test_a_german_respondent_meets_no_english(app: Flask, client: FlaskClient) -> None:
    invited = invite(app, locale="de-AT")
    walker = Walker(client)
    pages = [opened(client, invited.link)]
    walker.start(invited)
    place = invited.at(FIRST)
    while place != invited.at("review"):
        pages.append(walker.open(place))
        scored = [name for name in pages[-1].html.split('name="q_')[1:] if "radio" in name[:300]]
        answers = {name.partition('"')[0]: "5" for name in scored}
        answers = {
            name: "yes" if "lately" in name or "looking" in name else "5" for name in answers
        }
        place = walker.answer(place, **answers)
        place = place.partition("?")[0]
        if place == invited.at("what_comes_next") and "new" in pages[-1].html:
            place = walker.answer(place, alternatives_reason="price")
    pages += [walker.open(invited.at(each)) for each in ("review", "stopped", "contract")]
    walker.submit(invited)
    pages += [walker.open(invited.at("sent")), opened(client, f"/stop/{invited.token}")]
    pages.append(check_page(app.test_client().get(invited.at(FIRST)), status=403))
    found = {text for page in pages[:-1] for text in english_texts() if text in page.text}
    assert found == set()
    assert {language_of(page) for page in pages[:-1]} == {"de-AT"}
    assert "Danke. Ihre Antworten sind angekommen." in pages[-3].text


def test_pages_about_nobody_speak_as_the_browser_likes(client: FlaskClient) -> None:
    for path in ("/r/unknown", "/stop/unknown"):
        found = check_page(client.get(path, headers={"Accept-Language": "de-DE,de"}), status=404)
        assert "Diesen Link kennen wir nicht" in found.h1
        english = check_page(
            client.get(f"{path}?lang=en", headers={"Accept-Language": "de"}), status=404
        )
        assert "We do not know this link" in english.h1
    home = opened(client, "/", **{"Accept-Language": "de"})
    assert home.h1 == "Öffnen Sie Ihren persönlichen Link"
    assert opened(client, "/sign-in", **{"Accept-Language": "de"}).h1 == "Sign in"


@pytest.fixture
def mirrored_app(tmp_path: Path) -> Flask:
    return make_app(tmp_path, SURVEYAPP_MIRRORED_LANGUAGE="1")


def test_the_mirrored_language_turns_the_whole_page_where_it_is_turned_on(
    mirrored_app: Flask,
) -> None:
    invited = invite(mirrored_app, locale="en")
    client = mirrored_app.test_client()
    page = opened(client, f"{invited.link}?lang={mirrored.LANGUAGE}")
    assert f'<html lang="{mirrored.LANGUAGE}" dir="rtl">' in page.html
    assert page.h1 == mirrored.text("How are we doing?")
    client.post(invited.link, data=page.as_posted())
    section = opened(client, invited.at(FIRST))
    assert section.h1 == mirrored.text("Being straight with each other")
    assert mirrored.text("Save and continue") in section.text
    assert "Kestrin" in section.text


def test_mirroring_keeps_values_and_spaces() -> None:
    text = "About %(minutes)s with {them}, {{ item.label }}."
    turned = mirrored.text(text)
    assert "%(minutes)s" in turned
    assert "{them}" in turned
    assert "{{ item.label }}" in turned
    assert re.sub("[\u200f\u202e\u202c]", "", turned) == text


def test_the_style_sheets_of_respondents_know_no_left_and_right() -> None:
    physical = re.compile(
        r"\b(?:margin|padding|border)-(?:left|right)\b|(?<![\w-])(?:left|right)\s*:"
        r"|(?:text-align|float|clear):\s*(?:left|right)"
    )
    folder = catalogues.FOLDER.parent / "web" / "static" / "css"
    found = {
        sheet: physical.findall((folder / f"{sheet}.css").read_text(encoding="utf-8"))
        for sheet in ("tokens", "base", "layout", "components", "respond")
    }
    # a tick leans the same way in every language
    ticks = {"components": ["border-right"], "respond": ["border-right"]}
    assert {sheet: lines for sheet, lines in found.items() if lines} == ticks
