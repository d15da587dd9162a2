"""What happened since the last wave: written by an owner, read on the start page and in mail."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.clock import utcnow
from surveyapp.services import mail_texts, since_last, waves
from tests.conftest import Page, check_page
from tests.web.console_world import sign_in
from tests.web.waves_world import change, find, make_wave, make_world, post
from tests.web.world import change_wave, open_wave

SINCE = "/p/kestrin/waves/autumn/since"
TEXT = "You asked for **one** contact.\n\n- <b>Lena</b> {name}\n- from May on"


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    make_world(app)
    make_wave(app)
    return sign_in(app, "kestrin")


def test_an_owner_writes_it_sees_it_and_may_take_it_away(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    assert page("/p/kestrin/waves/autumn/texts", through=owner).link("Write it") == SINCE
    assert post(owner, SINCE, page=SINCE, text=TEXT).location == SINCE
    found = page(SINCE, through=owner)
    assert found.textareas["text"].strip() == TEXT
    assert "<strong>one</strong> contact." in found.html
    assert "<li>&lt;b&gt;Lena&lt;/b&gt; {name}</li>" in found.html
    post(owner, SINCE, page=SINCE, text=" ")
    assert "says nothing about last time" in page(SINCE, through=owner).text
    assert find(app).since_last == ""


def test_what_cannot_be_shown_is_refused_with_what_was_typed(
    app: Flask, owner: FlaskClient
) -> None:
    long = check_page(post(owner, SINCE, page=SINCE, text="x" * 2001), status=422)
    assert "This has 2001 characters. At most 2000 are shown." in long.text
    assert long.textareas["text"].strip() == "x" * 2001
    hidden = check_page(
        post(owner, SINCE, page=SINCE, text="a\N{RIGHT-TO-LEFT OVERRIDE}b"), status=422
    )
    assert "characters nobody can see" in hidden.text
    assert find(app).since_last == ""


def test_mail_says_it_below_its_text_with_braces_left_alone(app: Flask, owner: FlaskClient) -> None:
    def look(session: object, wave: object) -> None:
        since_last.write(session, wave, TEXT, by="test", at=utcnow())  # type: ignore[arg-type] # given by change
        shown = mail_texts.preview(  # type: ignore[arg-type] # as above
            session,
            wave,
            template="invitation",
            locale="en",
            base_url="http://x.example",  # type: ignore[arg-type]
        )
        said = "Since you were last asked:\n\nYou asked for one contact.\n\n- <b>Lena</b> {name}\n- from May on"
        assert said in shown.text
        assert "- &lt;b&gt;Lena&lt;/b&gt; {name}<br>" in " ".join(shown.html.split()).replace(
            " <br>", "<br>"
        )

    change(app, look)  # type: ignore[arg-type] # as above


def test_the_start_page_shows_it_and_a_closed_wave_takes_no_more(app: Flask, page: Page) -> None:
    [tomas] = open_wave(app, "Tomas Vey", slug="kestrin")
    assert "Since you were last asked" not in page(tomas.link).text
    change_wave(app, lambda wave: setattr(wave, "since_last", TEXT))
    found = page(tomas.link)
    assert "Since you were last asked You asked for one contact." in found.text
    assert "&lt;b&gt;Lena" in found.html
    owner = sign_in(app, "kestrin")
    change(app, lambda s, w: waves.close(s, w, by="test", at=utcnow()))
    refused = check_page(post(owner, SINCE, page="/account", text="late"), status=409)
    assert "nobody reads it any more" in refused.text
