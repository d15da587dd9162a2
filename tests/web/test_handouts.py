"""PDFs to take away: all the questions, and for an hour a respondent's own copy of what they sent."""

import io
import re
from datetime import timedelta

import pikepdf
import pypdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.jobs import worker
from surveyapp.models.handouts import AnswerCopy, QuestionList
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.waves import Wave
from surveyapp.reports import pdf
from surveyapp.services import answer_copies, severing, waves
from tests.conftest import Checked, Page, check_page
from tests.web.walker import Walker
from tests.web.world import EVERY_KIND, Invited, change_wave, dump, open_wave, questionnaire

SECRET = "Call Zebulon Quist earlier."


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


@pytest.fixture
def tomas(app: Flask) -> Invited:
    [tomas] = open_wave(app, "Tomas Vey")
    return tomas


@pytest.fixture
def walker(client: FlaskClient, tomas: Invited) -> Walker:
    return sent_by(client, tomas)


def sent_by(client: FlaskClient, invited: Invited) -> Walker:
    """Somebody who has sent two answers."""
    walker = Walker(client)
    walker.start(invited)
    walker.answer(invited.at("promises"), delivers="4")
    walker.answer(invited.at("own_words"), change_first=SECRET)
    assert walker.submit(invited).location == invited.at("sent")
    return walker


def work(app: Flask, kind: str) -> list[Job]:
    """Do what a worker does when it has nothing else to do; return all jobs of a kind."""
    with app.app_context():
        worker.ask_for_question_lists()
        with transaction() as session:
            session.execute(update(Job).where(Job.kind == kind).values(due_at=utcnow()))
        waiting = select(Job.id).where(Job.kind == kind, Job.state == JobState.QUEUED)
        for job_id in db.session.scalars(waiting).all():
            db.session.rollback()
            worker.run(job_id)
        db.session.rollback()
        return list(db.session.scalars(select(Job).where(Job.kind == kind)))


def text_of(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def fetch(client: FlaskClient, address: str) -> bytes:
    """The whole file; the test's client leaves it to us to close it."""
    with client.get(address) as response:
        assert response.status_code == 200
        return response.get_data()


def press(walker: Walker, invited: Invited, *, status: int = 303) -> Checked | None:
    """Press the button of the copy page."""
    page = walker.open(invited.at("copy"))
    assert f"/r/{invited.slug}/copy/pdf" in page.forms
    response = walker.client.post(f"/r/{invited.slug}/copy/pdf", data=page.as_posted())
    assert response.status_code == status
    return check_page(response, status=status) if status != 303 else None


def test_the_list_of_questions_is_offered_once_it_is_made_and_names_nobody(
    app: Flask, client: FlaskClient, page: Page, tomas: Invited
) -> None:
    before = dump(app)
    found = page(f"{tomas.link}/questions")
    assert "print this page or save it as a PDF with your browser" in found.text
    early = client.get(f"{tomas.link}/questions/pdf")
    assert (early.status_code, early.location) == (303, f"{tomas.link}/questions")
    assert dump(app) == before
    [job] = work(app, "list-questions")
    assert (job.state, job.error) == (JobState.DONE, "")
    address = page(f"{tomas.link}/questions").link("Download all the questions as a PDF")
    before = dump(app)
    with client.get(address) as response:
        content = response.get_data()
        assert response.mimetype == "application/pdf"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Content-Disposition"] == "attachment; filename=questions-en.pdf"
    assert dump(app) == before
    text = text_of(content)
    for words in (
        "Confidential: shown only for 3 or more people together.",
        "1 [the supplier] deliver what was promised. Choose a point of the scale. Needs an answer.",
        "Only asked if the answer to question 1 is 3 or below.",
        "0 Not at all likely",
        "Page 1 of 2",
    ):
        assert words in text
    assert "Aldermere" not in text
    with pikepdf.open(io.BytesIO(content)) as document:
        assert document.Root.MarkInfo.Marked
        assert document.Root.Lang == "en-GB"


def test_the_list_is_there_on_the_way_for_its_browser_only(
    app: Flask, client: FlaskClient, tomas: Invited
) -> None:
    work(app, "list-questions")
    walker = Walker(client)
    walker.start(tomas)
    address = walker.open(f"/r/{tomas.slug}/questions").link("Download all the questions")
    assert fetch(client, address).startswith(b"%PDF")
    assert app.test_client().get(address).status_code == 404
    change_wave(app, lambda wave: wave.close(at=utcnow()))
    assert app.test_client().get(f"{tomas.link}/questions/pdf").status_code == 410


def test_what_the_list_says_wrongly_is_not_offered_and_made_anew_by_itself(
    app: Flask, page: Page, tomas: Invited
) -> None:
    work(app, "list-questions")
    change_wave(app, lambda wave: setattr(wave, "minimum_people", 8))
    address = f"{tomas.link}/questions"
    assert "Download" not in page(address).text
    assert len(work(app, "list-questions")) == 2
    assert "Download" in page(address).text
    change_wave(app, lambda wave: setattr(wave, "minimum_people", 1))
    assert len(work(app, "list-questions")) == 2
    with app.app_context():
        assert len(db.session.scalars(select(QuestionList.id)).all()) == 2
    assert "Download" in page(address).text, "what was said before is still there"


def test_an_own_copy_is_made_on_request_for_its_browser_only(
    app: Flask, walker: Walker, tomas: Invited, capfd: pytest.CaptureFixture[str]
) -> None:
    copy = walker.open(tomas.at("copy"))
    assert "kept for an hour" in copy.text
    before = dump(app)
    early = walker.client.get(tomas.at("copy/pdf"))
    assert (early.status_code, early.location) == (303, f"{tomas.at('copy')}#pdf")
    assert dump(app) == before
    for _ in range(2):
        press_again = walker.client.post(tomas.at("copy/pdf"), data=copy.as_posted())
        assert press_again.location == f"{tomas.at('copy')}#pdf"
    waiting = walker.open(tomas.at("copy"))
    assert "Your PDF is being made." in waiting.text
    assert waiting.link("See whether it is ready") == f"{tomas.at('copy')}#pdf"
    [job] = work(app, "copy-answers")
    assert (job.state, job.programme_id, job.error) == (JobState.DONE, None, "")
    ready = walker.open(tomas.at("copy"))
    assert "It is deleted here at" in ready.text
    with walker.client.get(ready.link("Download your copy as a PDF")) as response:
        text = text_of(response.get_data())
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Content-Disposition"] == "attachment; filename=my-answers.pdf"
    for words in (
        "Tomas Vey about Kestrin, sent on",
        "Kestrin deliver what was promised. 4: Neither",
        "Equipment Not answered",
        SECRET,
    ):
        assert words in text
    for stranger in (app.test_client(), app.test_client()):
        assert stranger.get(tomas.at("copy/pdf")).status_code == 403
    assert app.test_client().post(tomas.at("copy/pdf"), data=copy.as_posted()).status_code == 403
    traces = [job.key, str(job.arguments), *capfd.readouterr()]
    for word in ("Zebulon", "Vey", tomas.slug, tomas.token):
        assert not [each for each in traces if word in each]


def test_a_post_without_the_forms_token_makes_nothing(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    before = dump(app)
    response = walker.client.post(tomas.at("copy/pdf"), data={"page_token": "forged"})
    assert "Press the button again" in check_page(response, status=400).text
    assert dump(app) == before


def test_a_copy_of_what_was_corrected_is_never_handed_out(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    press(walker, tomas)
    work(app, "copy-answers")
    walker.client.post(tomas.at("correct"))
    assert fetch(walker.client, tomas.at("copy/pdf")).startswith(b"%PDF"), "it still counts"
    walker.answer(tomas.at("promises"), delivers="6")
    review = walker.open(tomas.at("review"))
    [submit] = [form for form in review.forms if form.endswith("/submit")]
    walker.client.post(submit, data=review.as_posted())
    assert walker.client.get(tomas.at("copy/pdf")).status_code == 303
    press(walker, tomas)
    work(app, "copy-answers")
    assert "promised. 6" in text_of(fetch(walker.client, tomas.at("copy/pdf")))
    with app.app_context():
        assert db.session.scalars(select(AnswerCopy.revision)).all() == [2]
        assert len(db.session.scalars(select(Job.id).where(Job.kind == "copy-answers")).all()) == 1


def test_a_copy_is_deleted_with_its_job_when_its_hour_is_over(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    press(walker, tomas)
    [job] = work(app, "copy-answers")
    with app.app_context():
        [copy] = db.session.scalars(select(AnswerCopy)).all()
        assert copy.made_at is not None
        assert copy.expires_at - copy.made_at == timedelta(hours=1)
        with transaction() as session:
            answer_copies.forget_expired(session, at=copy.expires_at - timedelta(seconds=1))
            session.execute(update(Job).where(Job.id != job.id).values(state=JobState.DONE))
            session.execute(update(AnswerCopy).values(expires_at=utcnow()))
        assert worker.tick()
        db.session.rollback()
        assert db.session.scalars(select(AnswerCopy.id)).all() == []
        assert db.session.scalars(select(Job.id).where(Job.id == job.id)).all() == []
    assert walker.client.get(tomas.at("copy/pdf")).status_code == 303


def test_what_breaks_while_drawing_is_told_without_what_was_written(
    app: Flask,
    walker: Walker,
    tomas: Invited,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def break_down(html: str, _look: object) -> tuple[bytes, bool]:
        raise ValueError(html)

    monkeypatch.setattr(pdf, "write_quietly", break_down)
    press(walker, tomas)
    for _ in range(5):
        [job] = work(app, "copy-answers")
    assert job.state is JobState.FAILED
    assert job.error.endswith("A copy of answers could not be drawn: ValueError.")
    assert "Zebulon" not in "".join(capfd.readouterr())
    assert "The PDF could not be made." in walker.open(tomas.at("copy")).text
    monkeypatch.undo()
    press(walker, tomas)
    work(app, "copy-answers")
    assert SECRET in text_of(fetch(walker.client, tomas.at("copy/pdf")))


def test_of_an_anonymous_wave_no_copy_outlives_the_close(app: Flask, client: FlaskClient) -> None:
    people = ("Dana Roth", "Lena Hull", "Jana Moss", "Tom Bell", "Ida Kern")
    anonymous = questionnaire({"anonymity": "anonymous"})
    dana, lena, *_ = open_wave(app, *people, definition=anonymous)
    walker, other = sent_by(client, dana), sent_by(app.test_client(), lena)
    press(walker, dana)
    assert "When this closes, it is deleted at once." in walker.open(dana.at("copy")).text
    work(app, "copy-answers")
    assert fetch(walker.client, dana.at("copy/pdf")).startswith(b"%PDF")
    press(other, lena)
    with app.app_context(), transaction() as session:
        wave = session.scalars(select(Wave)).one()
        waves.close(session, waves.load(session, wave.id), by="test", at=utcnow())
    assert walker.client.get(dana.at("copy/pdf")).status_code in {303, 410}
    jobs = work(app, "copy-answers")
    with app.app_context():
        made = db.session.scalars(select(AnswerCopy.made_at)).all()
        assert len([each for each in made if each]) == 1, "none is made after the close"
        with transaction() as session:
            severing.sever(session, waves.load(session, wave.id), at=utcnow())
        db.session.rollback()
        assert db.session.scalars(select(AnswerCopy.id)).all() == []
        ids = [job.id for job in jobs]
        assert db.session.scalars(select(Job.id).where(Job.id.in_(ids))).all() == []


def test_of_some_anonymous_questions_the_answers_are_in_no_copy_after_the_severing(
    app: Flask, client: FlaskClient
) -> None:
    own_words = {**EVERY_KIND["sections"][2]["items"][0], "anonymity": "anonymous"}
    last = {**EVERY_KIND["sections"][2], "items": [own_words]}
    partly = questionnaire({"sections": [*EVERY_KIND["sections"][:2], last]})
    [dana] = open_wave(app, "Dana Roth", definition=partly)
    walker = sent_by(client, dana)
    press(walker, dana)
    work(app, "copy-answers")
    assert SECRET in text_of(fetch(client, dana.at("copy/pdf")))
    with app.app_context(), transaction() as session:
        wave = session.scalars(select(Wave)).one()
        waves.close(session, waves.load(session, wave.id), by="test", at=utcnow())
        severing.sever(session, waves.load(session, wave.id), at=utcnow())
    assert client.get(dana.at("copy/pdf")).status_code == 303
    press(walker, dana)
    work(app, "copy-answers")
    text = text_of(fetch(client, dana.at("copy/pdf")))
    assert "promised. 4" in text
    assert SECRET not in text
    assert "What should change first?" not in text
    assert "are no longer tied to you" in text


def test_a_worker_whose_copy_was_forgotten_meanwhile_writes_nothing(
    app: Flask, walker: Walker, tomas: Invited, monkeypatch: pytest.MonkeyPatch
) -> None:
    press(walker, tomas)
    draw = pdf.write_quietly

    def forget_then_draw(html: str, look: pdf.Drawn) -> tuple[bytes, bool]:
        with transaction() as session:
            wave = session.scalars(select(Wave)).one()
            answer_copies.forget_of_wave(session, wave)
        return draw(html, look)

    monkeypatch.setattr(pdf, "write_quietly", forget_then_draw)
    assert work(app, "copy-answers") == []
    with app.app_context():
        assert db.session.scalars(select(AnswerCopy.id)).all() == []


def test_german_readers_get_german_files(app: Flask, client: FlaskClient) -> None:
    german = questionnaire({"translations": {"de": {"title": "Wie geht es mit {them}?"}}})
    [jana] = open_wave(app, "Jana Moss", definition=german, locale="de")
    work(app, "list-questions")
    page = Walker(client).open(f"{jana.link}/questions")
    text = text_of(fetch(client, page.link("Alle Fragen als PDF herunterladen")))
    assert "Wie geht es mit [Lieferant]?" in text
    assert "Wird nur gefragt, wenn die Antwort auf Frage 1 höchstens 3 ist." in text
    assert "Seite 1 von 2" in text
    with app.app_context():
        assert sorted(db.session.scalars(select(QuestionList.language))) == ["de", "en"]
