"""Files in the console: for who may read answers, of named answers only, saved and never shown."""

import hashlib
import io
import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from surveyapp.clock import utcnow
from surveyapp.extensions import reading, state, transaction
from surveyapp.models.people import Role
from surveyapp.models.uploads import UploadedFile
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.definition import Anonymity, Questionnaire
from surveyapp.services import waves
from tests.conftest import check_page
from tests.questionnaires.feature import feature
from tests.web.console_world import sign_in
from tests.web.results_world import work
from tests.web.walker import Walker
from tests.web.world import Invited, open_wave

PDF = b"%PDF-1.7\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00"
NASTY = "..\\..\u202e<b> ünïcode.pdf"
PEOPLE = ("Tomas Vey", *(f"Person {number}" for number in range(5)))
LIST = "/p/kestrin/waves/autumn/files"


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


def changed(**changes: object) -> Questionnaire:
    """The questionnaire that asks for files, as ``check`` would not let it pass."""
    return feature("files").model_copy(update=changes)


def hand_in(
    client: FlaskClient,
    tomas: Invited,
    content: bytes,
    name: str = "iso.pdf",
    *,
    also: bytes | None = None,
) -> Walker:
    walker = Walker(client)
    walker.start(tomas)
    form: MultiDict[str, object] = MultiDict(walker.open(tomas.at("papers")).as_posted())
    form["action"] = "continue"
    form["q_certificate"] = (io.BytesIO(content), name)
    if also:
        form["q_list"] = (io.BytesIO(also), "list.pdf")
    found = client.post(tomas.at("papers"), data=form, content_type="multipart/form-data")
    assert found.status_code == 303
    return walker


def on_disk(app: Flask) -> set[str]:
    with app.app_context():
        return {path.name for path in state().settings.storage.rglob("*") if path.is_file()}


def close(app: Flask) -> None:
    """Close the wave, and let the worker do what follows."""
    with app.app_context():
        with transaction() as session:
            waves.close(session, session.scalars(select(Wave)).one(), by="test", at=utcnow())
        work()


def items(app: Flask) -> list[str]:
    with app.app_context(), reading() as session:
        return sorted(session.scalars(select(UploadedFile.item_id)))


def status(client: FlaskClient, path: str) -> int:
    with client.get(path) as found:
        return found.status_code


def one(app: Flask) -> uuid.UUID:
    with app.app_context(), reading() as session:
        return session.scalars(select(UploadedFile.id)).one()


def test_a_file_that_was_sent_is_listed_and_saved_never_shown(app: Flask) -> None:
    [tomas] = open_wave(app, "Tomas Vey", definition=feature("files"))
    walker = hand_in(app.test_client(), tomas, PDF, NASTY)
    owner = sign_in(app, "kestrin")
    waiting = check_page(owner.get(LIST))
    assert "Nobody has sent a file yet." in waiting.text
    address = f"/p/kestrin/files/{one(app)}"
    assert status(owner, address) == 404, "a draft is its person's own"
    walker.submit(tomas)
    page = check_page(owner.get(LIST))
    assert "Tomas Vey" in page.text
    assert "Aldermere Foods and Kestrin" in page.text
    assert "Your current certificate" in page.text
    assert page.link("Files") == LIST
    assert page.links[address].endswith("ünïcode.pdf")
    with owner.get(address) as found:
        assert (found.status_code, found.data) == (200, PDF)
        assert found.mimetype == "application/pdf"
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        disposition = found.headers["Content-Disposition"]
        assert disposition.startswith("attachment; filename=")
        assert not set("/\\<>\r\n\u202e") & set(disposition)


def test_only_the_file_of_the_last_revision_is_there(app: Flask) -> None:
    [tomas] = open_wave(app, "Tomas Vey", definition=feature("files"))
    walker = hand_in(app.test_client(), tomas, PDF)
    walker.submit(tomas)
    first = one(app)
    owner = sign_in(app, "kestrin")
    walker.client.post(tomas.at("correct"))
    hand_in_again = walker.open(tomas.at("papers"))
    form: MultiDict[str, object] = MultiDict(hand_in_again.as_posted())
    form["action"] = "continue"
    form["q_certificate"] = (io.BytesIO(PNG), "new.png")
    walker.client.post(tomas.at("papers"), data=form, content_type="multipart/form-data")
    assert status(owner, f"/p/kestrin/files/{first}") == 200, "it counts until it is sent"
    assert "new.png" not in check_page(owner.get(LIST)).text
    walker.submit(tomas)
    page = check_page(owner.get(LIST))
    assert "new.png" in page.text
    assert "iso.pdf" not in page.text
    assert status(owner, f"/p/kestrin/files/{first}") == 404


@pytest.mark.parametrize("promise", [Anonymity.CONFIDENTIAL, Anonymity.ANONYMOUS])
def test_where_names_are_promised_away_no_file_is_found(app: Flask, promise: Anonymity) -> None:
    [tomas, *_] = open_wave(app, *PEOPLE, definition=changed(anonymity=promise))
    hand_in(app.test_client(), tomas, PDF).submit(tomas)
    owner = sign_in(app, "kestrin")
    page = check_page(owner.get(LIST))
    assert "asks for no files that may be read beside a name" in page.text
    assert LIST not in page.links
    assert status(owner, f"/p/kestrin/files/{one(app)}") == 404


def test_who_may_not_read_answers_is_refused_and_strangers_find_nothing(app: Flask) -> None:
    [tomas] = open_wave(app, "Tomas Vey", definition=feature("files"))
    hand_in(app.test_client(), tomas, PDF).submit(tomas)
    open_wave(app, "Dana Roth", definition=feature("files"), slug="other")
    address = f"files/{one(app)}"
    manager = sign_in(app, "kestrin", role=Role.RELATIONSHIP_MANAGER)
    assert status(manager, f"/p/kestrin/{address}") == 403
    assert status(manager, LIST) == 403
    reviewer = sign_in(app, "kestrin", role=Role.REVIEWER)
    assert status(reviewer, f"/p/kestrin/{address}") == 200
    neighbour = sign_in(app, "other")
    assert status(neighbour, f"/p/other/{address}") == 404
    assert status(neighbour, f"/p/kestrin/{address}") == 404
    assert status(app.test_client(), f"/p/kestrin/{address}") == 404


def test_severing_takes_every_file_of_an_anonymous_wave(app: Flask) -> None:
    invited = open_wave(app, *PEOPLE, definition=changed(anonymity=Anonymity.ANONYMOUS))
    for number, each in enumerate(invited):
        hand_in(app.test_client(), each, PDF + b"%d" % number).submit(each)
    assert len(on_disk(app)) == len(items(app)) == len(PEOPLE)
    close(app)
    assert items(app) == []
    assert on_disk(app) == set()


def test_severing_takes_the_files_of_an_anonymous_item_and_leaves_the_others(app: Flask) -> None:
    [papers] = feature("files").sections
    certificate, *others = papers.items
    hidden = certificate.model_copy(update={"anonymity": Anonymity.ANONYMOUS})
    section = papers.model_copy(update={"items": (hidden, *others)})
    [tomas, ines, *_] = open_wave(app, *PEOPLE, definition=changed(sections=(section,)))
    hand_in(app.test_client(), tomas, PDF, also=PNG).submit(tomas)
    hand_in(app.test_client(), ines, PDF, also=PDF).submit(ines)
    page = check_page(sign_in(app, "kestrin").get(LIST))
    assert "list.pdf" in page.text
    assert "iso.pdf" not in page.text, "beside a name only what may stand there"
    close(app)
    assert items(app) == ["list", "list"]
    assert on_disk(app) == {sha256(PDF), sha256(PNG)}, "the same bytes are still needed"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
