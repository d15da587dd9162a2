"""What people typed and never sent is erased some days after the close; what they sent stays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from surveyapp.clock import utcnow
from surveyapp.extensions import reading, state, transaction
from surveyapp.jobs import worker
from surveyapp.models.audit import AuditEvent
from surveyapp.models.invitations import Invitation
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.responses import DraftAnswer, HeldPage, Response, SavedSection
from surveyapp.models.uploads import UploadedFile
from surveyapp.models.waves import Wave
from surveyapp.services import unsent, waves
from tests.conftest import check_page
from tests.questionnaires.feature import feature
from tests.web.test_handed_in import PDF, PNG, hand_in, on_disk
from tests.web.walker import Walker
from tests.web.world import Invited, draft, held, invitation_of, open_wave, sent

KEPT = timedelta(days=30)


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


@pytest.fixture
def people(app: Flask) -> list[Invited]:
    """Tomas sent a file and then began to correct; Dana began and never sent."""
    tomas, dana = open_wave(app, "Tomas Vey", "Dana Roth", definition=feature("files"))
    walker = hand_in(app.test_client(), tomas, PDF)
    walker.submit(tomas)
    walker.client.post(tomas.at("correct"))
    page = walker.open(tomas.at("papers"))
    walker.fill(page, **{"list.comment": "A word too late."})
    dana_walker = hand_in(app.test_client(), dana, PNG, "never.png")
    page = dana_walker.open(dana.at("papers"))
    dana_walker.client.delete_cookie("answering", path=f"/r/{dana.slug}")
    assert dana_walker.fill(page, **{"list.comment": "Kept aside."}).status_code == 202
    return [tomas, dana]


def close(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        waves.close(session, session.scalars(select(Wave)).one(), by="test", at=utcnow())


def tick(app: Flask, after: timedelta) -> None:
    """Let the worker do all there is to do so long after now."""
    with time_machine.travel(utcnow() + after, tick=False), app.app_context():
        while worker.tick():
            pass


def count(app: Flask, model: type) -> int:
    with app.app_context(), reading() as session:
        return len(session.scalars(select(model)).all())


def test_drafts_and_files_of_whoever_never_sent_go_once_the_time_is_over(
    app: Flask, people: list[Invited]
) -> None:
    tomas, dana = people
    close(app)
    tick(app, KEPT - timedelta(hours=1))
    assert len(on_disk(app)) >= 2
    assert draft(app, dana.slug)
    assert held(app) == 1
    tick(app, KEPT + timedelta(hours=1))
    assert [count(app, model) for model in (DraftAnswer, HeldPage)] == [0, 0]
    with app.app_context(), reading() as session:
        [file] = session.scalars(select(UploadedFile)).all()
        assert file.sent_at is not None
        place = state().store.within(f"uploads-{file.assignment_id}")
        assert place.get(file.sha256) == PDF
        noted = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "wave.unsent-erased")
        ).one()
        assert noted.details == {"answers": "3", "files": "1"}
        assert session.scalars(select(Wave.unsent_erased_at)).one() is not None
    uploads = state_uploads(app)
    assert len(uploads) == 1
    assert len(sent(app, tomas.slug)) == 1
    assert count(app, SavedSection) == 2, "how far people came stays known"
    before = count(app, Job)
    tick(app, KEPT + timedelta(days=2))
    assert count(app, Job) == before, "it is done once"


def state_uploads(app: Flask) -> list[str]:
    """Name the files in the parts of the store that belong to people."""
    with app.app_context():
        found = state().settings.storage.glob("uploads-*/**/*")
        return [path.name for path in found if path.is_file()]


def test_a_wave_reopened_in_time_keeps_what_was_typed(app: Flask, people: list[Invited]) -> None:
    close(app)
    tick(app, timedelta(days=1))
    reopen(app)
    tick(app, KEPT + timedelta(days=1))
    assert draft(app, people[1].slug)
    assert held(app) == 1


def reopen(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        waves.reopen(
            session,
            session.scalars(select(Wave)).one(),
            reason="Late.",
            closes_at=utcnow() + timedelta(days=90),
            by="test",
            at=utcnow(),
        )


def test_a_wave_reopened_later_begins_anew_and_corrections_begin_with_what_was_sent(
    app: Flask, people: list[Invited]
) -> None:
    tomas, dana = people
    close(app)
    tick(app, KEPT + timedelta(hours=1))
    reopen(app)
    walker = Walker(app.test_client())
    assert walker.start(dana) == dana.at("papers")
    assert "never.png" not in walker.open(dana.at("papers")).html
    with app.app_context(), reading() as session:
        assert session.scalars(select(Wave.unsent_erased_at)).one() is None
    first = Walker(app.test_client())
    assert first.client.post(tomas.link).location == tomas.at("sent")
    first.client.post(tomas.at("correct"))
    assert "iso.pdf" in first.open(tomas.at("papers")).html
    assert draft(app, tomas.slug) == sent(app, tomas.slug)[0]


def test_a_job_that_comes_after_a_reopening_erases_nothing(
    app: Flask, people: list[Invited]
) -> None:
    close(app)
    with time_machine.travel(utcnow() + KEPT + timedelta(hours=1), tick=False), app.app_context():
        with transaction() as session:
            # the reopening won: the wave is open again when the job is carried out
            session.execute(update(Wave).values(closes_at=utcnow() + KEPT))
        worker.tick()
        with reading() as session:
            job = session.scalars(select(Job.id).where(Job.kind == "erase-unsent")).one()
        reopen_now(app)
        worker.run(job)
    assert draft(app, people[1].slug)
    assert count(app, Response) == 1


def test_a_wave_reopened_while_it_is_erased_begins_anew_for_whom_nothing_is_left(
    app: Flask, people: list[Invited], monkeypatch: pytest.MonkeyPatch
) -> None:
    _tomas, dana = people
    close(app)
    tick(app, timedelta(days=1))
    monkeypatch.setattr(unsent, "_AT_ONCE", 1)

    def reopen_before_the_end(done: int, of: int) -> None:
        if done == of:
            reopen(app)

    erase_one_at_a_time(app, reopen_before_the_end)
    assert audited(app) == [{"answers": "3", "files": "1"}], "how much went is told all the same"
    assert draft(app, dana.slug) == {}
    assert Walker(app.test_client()).start(dana) == dana.at("papers"), "not the review, all empty"


def reopen_now(app: Flask) -> None:
    with transaction() as session:
        session.scalars(select(Wave)).one().reopen(
            closes_at=utcnow() + timedelta(days=5), at=utcnow()
        )


def audited(app: Flask) -> list[dict[str, str]]:
    """How much went, each time that was put on record."""
    with app.app_context(), reading() as session:
        noted = select(AuditEvent.details).where(AuditEvent.action == "wave.unsent-erased")
        return list(session.scalars(noted))


def erase_one_at_a_time(app: Flask, progress: Callable[[int, int], None]) -> None:
    with app.app_context():
        with reading() as session:
            wave_id = session.scalars(select(Wave.id)).one()
        unsent.erase(
            reading,
            transaction,
            wave_id,
            state().store,
            kept=KEPT,
            now=lambda: utcnow() + KEPT + timedelta(hours=1),
            progress=progress,
        )


def test_what_went_before_a_crash_is_counted_with_what_goes_after_it(
    app: Flask, people: list[Invited], monkeypatch: pytest.MonkeyPatch
) -> None:
    close(app)
    tick(app, timedelta(days=1))
    monkeypatch.setattr(unsent, "_AT_ONCE", 1)
    died = []

    def die_once(done: int, of: int) -> None:
        if not died:
            died.append((done, of))
            raise OSError("The worker's machine is gone.")

    with pytest.raises(OSError, match="is gone"):
        erase_one_at_a_time(app, die_once)
    assert died == [(1, 2)]
    assert audited(app) == []
    erase_one_at_a_time(app, die_once)
    assert audited(app) == [{"answers": "3", "files": "1"}]


def test_a_job_that_failed_for_good_is_asked_for_again_each_day(
    app: Flask, people: list[Invited]
) -> None:
    close(app)
    tick(app, timedelta(days=1))
    over = utcnow() + KEPT + timedelta(hours=1)
    with app.app_context():
        with transaction() as session:
            unsent.request_due(session, kept=KEPT, at=over)
            session.execute(
                update(Job)
                .where(Job.kind == unsent.KIND)
                .values(state=JobState.FAILED, finished_at=over, error="The disk was read-only.")
            )
        with reading() as session:
            assert not unsent.has_due(session, kept=KEPT, at=over + timedelta(hours=23))
    tick(app, KEPT + timedelta(hours=23))
    assert draft(app, people[1].slug)
    with app.app_context(), reading() as session:
        errors = session.scalars(select(Job.error).where(Job.state == JobState.FAILED))
        assert "The disk was read-only." in errors.all(), "it is to be seen as failed meanwhile"
    tick(app, KEPT + timedelta(hours=26))
    assert draft(app, people[1].slug) == {}
    assert audited(app) == [{"answers": "3", "files": "1"}]


@pytest.mark.parametrize("later", [2, 300])
def test_what_people_were_told_holds_whatever_is_set_later(
    app: Flask, client: FlaskClient, later: int
) -> None:
    set_days(app, 10)
    dana = launch_by_the_worker(app, "Dana Roth")
    set_days(app, later)
    walker = Walker(client)
    told = "What you do not send is deleted 10 days after it closes."
    assert told in check_page(client.get(dana.link)).text
    walker.start(dana)
    assert told in check_page(client.get(dana.at("contract"))).text
    walker.answer(dana.at("promises"), delivers="4")
    close(app)
    tick(app, timedelta(days=10, hours=-1))
    assert draft(app, dana.slug) == {"delivers": 4}
    tick(app, timedelta(days=10, hours=1))
    assert draft(app, dana.slug) == {}


def set_days(app: Flask, days: int) -> None:
    with app.app_context():
        settings = replace(state().settings, unsent_days=days)
        app.extensions["surveyapp"] = replace(state(), settings=settings)


def launch_by_the_worker(app: Flask, name: str) -> Invited:
    """Launch a wave by its job, which freezes what it promises."""
    open_wave(app, name, launch=False)
    with app.app_context():
        with transaction() as session:
            waves.launch(session, session.scalars(select(Wave)).one(), by="test", at=utcnow())
        while worker.tick():
            pass
        with reading() as session:
            asked = session.execute(select(Invitation.wave_id, Invitation.contact_id)).one()
        return invitation_of(*asked)
