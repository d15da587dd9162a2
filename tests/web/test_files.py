"""Files with answers: kept at once, told by their content, given back safely, replaced and removed."""

import hashlib
import io
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from surveyapp.extensions import reading, state
from surveyapp.models.uploads import UploadedFile
from tests.conftest import Checked, check_page
from tests.questionnaires.feature import feature
from tests.web.console_world import sign_in
from tests.web.walker import Walker
from tests.web.waves_world import post
from tests.web.world import Invited, change_wave, draft, held, open_wave, sent

PDF = b"%PDF-1.7\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00"


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


@pytest.fixture
def tomas(app: Flask) -> Invited:
    [tomas] = open_wave(app, "Tomas Vey", definition=feature("files"))
    return tomas


@pytest.fixture
def walker(client: FlaskClient, tomas: Invited) -> Walker:
    walker = Walker(client)
    walker.start(tomas)
    return walker


def hand_in(
    walker: Walker, page: Checked, *, action: str = "continue", **given: bytes | str
) -> TestResponse:
    form: MultiDict[str, object] = MultiDict(page.as_posted())
    form["action"] = action
    for name, content in given.items():
        if isinstance(content, bytes):
            form.add(f"q_{name}", (io.BytesIO(content), f"{name}.pdf"))
        else:
            form.add(f"q_{name}", content)
    response = walker.client.post(page.forms[0], data=form, content_type="multipart/form-data")
    # a large body lies in a file of the test client, which nobody else closes
    response.request.environ["wsgi.input"].close()
    return response


def on_disk(app: Flask) -> set[str]:
    with app.app_context():
        root = Path(state().settings.storage)
    return {path.name for path in root.rglob("*") if path.is_file()}


def rows(app: Flask) -> list[UploadedFile]:
    with app.app_context(), reading() as session:
        return list(session.scalars(select(UploadedFile).order_by(UploadedFile.uploaded_at)))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_file_is_kept_named_by_the_answer_given_back_and_sent(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    path = tomas.at("papers")
    found = hand_in(walker, walker.open(path), certificate=PDF, list="")
    assert found.location.startswith(f"{path}?new=valid_until")
    [row] = rows(app)
    answer = {"file": str(row.id), "name": "certificate.pdf", "sha256": sha256(PDF)}
    assert draft(app, tomas.slug) == {"certificate": answer}
    assert (row.size, row.media_type) == (len(PDF), "application/pdf")
    page = walker.open(path)
    with walker.client.get(page.link("certificate.pdf")) as back:
        assert back.data == PDF
        assert back.headers["Content-Disposition"] == "attachment; filename=certificate.pdf"
        assert back.headers["X-Content-Type-Options"] == "nosniff"
        assert back.mimetype == "application/pdf"
    assert hand_in(walker, page).location == tomas.at("review"), "the file stays as it is"
    assert "certificate.pdf" in walker.open(tomas.at("review")).text
    assert walker.submit(tomas).status_code == 303
    assert sent(app, tomas.slug) == [{"certificate": answer}]


def test_a_problem_elsewhere_loses_no_file(app: Flask, walker: Walker, tomas: Invited) -> None:
    page = walker.open(tomas.at("papers"))
    again = check_page(hand_in(walker, page, list=PDF), status=422)
    assert "Please answer this question." in again.text
    assert "list.pdf" in again.text
    assert draft(app, tomas.slug) == {}
    hand_in(walker, again, certificate=PNG)
    kept = draft(app, tomas.slug)
    assert kept["list"]["name"] == "list.pdf"
    assert kept["certificate"]["name"] == "certificate.pdf.png", "ends as what it is"


def test_a_file_is_replaced_and_removed_and_its_bytes_with_it(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    path = tomas.at("papers")
    hand_in(walker, walker.open(path), certificate=PDF, list=PDF)
    hand_in(walker, walker.open(path), certificate=PNG)
    assert draft(app, tomas.slug)["certificate"]["sha256"] == sha256(PNG)
    assert on_disk(app) >= {sha256(PDF), sha256(PNG)}, "the list still needs the first one"
    hand_in(walker, walker.open(path), list="remove")
    assert draft(app, tomas.slug).keys() == {"certificate"}
    assert [row.item_id for row in rows(app)] == ["certificate"]
    assert sha256(PDF) not in on_disk(app)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"MZ\x90 program", "This file cannot be taken, whatever its name."),
        (b"<html><script>alert(1)</script>", "Choose one of these: PDF, PNG, JPEG."),
        (b"%PDF-" + b"x" * 1024 * 1024, "This file is larger than 1 MB."),
        (b"%PDF-" + b"x" * 3 * 1024 * 1024, "This file is larger than 1 MB."),
    ],
)
def test_what_cannot_be_taken_is_refused_with_words_and_leaves_nothing_behind(
    app: Flask, walker: Walker, tomas: Invited, content: bytes, sentence: str
) -> None:
    page = walker.open(tomas.at("papers"))
    found = check_page(hand_in(walker, page, certificate=content), status=422)
    assert found.text.count(sentence) == 2
    assert rows(app) == []
    assert on_disk(app) == set()


def test_a_file_is_nobody_elses(app: Flask, walker: Walker, tomas: Invited) -> None:
    hand_in(walker, walker.open(tomas.at("papers")), certificate=PDF)
    [row] = rows(app)
    [dana] = open_wave(app, "Dana Roth", definition=feature("files"), slug="other")
    thief = Walker(app.test_client())
    thief.start(dana)
    assert thief.client.get(tomas.at(f"files/{row.id}")).status_code == 403
    assert thief.client.get(dana.at(f"files/{row.id}")).status_code == 404
    stolen = hand_in(thief, thief.open(dana.at("papers")), certificate=str(row.id))
    assert "This file is not here any more." in check_page(stolen, status=422).text
    assert draft(app, dana.slug) == {}


def test_files_sent_in_vain_do_not_pile_up(app: Flask, walker: Walker, tomas: Invited) -> None:
    page = walker.open(tomas.at("papers"))
    for number in range(8):
        hand_in(walker, page, list=PDF + b"%d" % number)
    assert len(rows(app)) == 5
    assert len(on_disk(app)) == 5


def test_without_the_pass_no_file_is_kept_and_its_owner_is_told(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    page = walker.open(tomas.at("papers"))
    walker.client.delete_cookie("answering", path=f"/r/{tomas.slug}")
    found = check_page(hand_in(walker, page, certificate=PDF), status=202)
    assert "Files were not kept." in found.text
    assert (held(app), rows(app)) == (1, [])


def test_a_body_far_too_large_is_refused_before_it_is_read(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    page = walker.open(tomas.at("papers"))
    found = hand_in(walker, page, certificate=b"%PDF-" + b"x" * 30 * 1024 * 1024)
    assert check_page(found, status=413).h1 == "That is too much at once"
    assert on_disk(app) == set()


def test_a_file_removed_in_another_window_is_not_answered_with(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    path = tomas.at("papers")
    hand_in(walker, walker.open(path), certificate=PDF)
    old = walker.open(path)
    hand_in(walker, walker.open(path), certificate=PNG)
    found = check_page(hand_in(walker, old), status=422)
    assert "This file is not here any more. Choose it again." in found.text
    assert draft(app, tomas.slug)["certificate"]["sha256"] == sha256(PNG)


def test_a_file_that_was_sent_stays_with_what_was_sent_whatever_a_correction_says(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    path = tomas.at("papers")
    hand_in(walker, walker.open(path), certificate=PDF)
    walker.submit(tomas)
    walker.client.post(tomas.at("correct"))
    hand_in(walker, walker.open(path), certificate=b"%PDF-1.7 another")
    assert len(on_disk(app)) == 2
    walker.client.post(tomas.at("keep"))
    [first, *_] = [row for row in rows(app) if row.sha256 == sha256(PDF)]
    with walker.client.get(f"/r/{tomas.slug}/files/{first.id}") as back:
        assert back.data == PDF


def test_handed_over_what_was_begun_is_gone_with_its_files(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    hand_in(walker, walker.open(tomas.at("papers")), certificate=PDF)
    jo = {"kind": "instead", "name": "Jo Abe", "email": "jo@aldermere.example"}
    assert walker.client.post(f"{tomas.link}/others", data=jo).status_code == 303
    change_wave(app, lambda wave: setattr(wave, "slug", "autumn"))
    owner = sign_in(app, "kestrin")
    named = "/p/kestrin/waves/autumn/named"
    [ask, *_] = [each for each in Walker(owner).open(named).forms if each.endswith("/ask")]
    assert post(owner, ask, page="/account").location == named
    assert (rows(app), on_disk(app)) == ([], set())
