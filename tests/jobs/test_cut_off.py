"""A worker that dies at any commit, just before it or just after: the next one finishes, effects once."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from surveyapp.clock import utcnow
from surveyapp.extensions import reading, state, transaction
from surveyapp.jobs import tasks, worker
from surveyapp.models.audit import AuditEvent
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.results import Release, Score, ScoreRun
from surveyapp.models.scorecards import Scorecard, ScorecardState
from surveyapp.reports import packs
from surveyapp.services import results, scorecards, waves
from tests import factories
from tests.services.scored import closed_wave, relationship_of, score

MOST_COMMITS = 40


@pytest.fixture
def app(app_on_both: Flask) -> Iterator[Flask]:
    with app_on_both.app_context():
        yield app_on_both


class Death(BaseException):
    """No handler of the product catches it, as none catches kill -9."""


@dataclass
class Mortal:
    """A ``transaction()`` in which the worker dies at one commit, before or after it stood."""

    dies_at: int
    is_before: bool
    commits: int = field(default=0)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self.commits += 1
        is_the_one = self.commits == self.dies_at
        with transaction() as session:
            yield session
            if is_the_one and self.is_before:
                raise Death
        if is_the_one:
            raise Death


def end_leases() -> None:
    past = utcnow() - timedelta(seconds=1)
    with transaction() as session:
        session.execute(update(Job).where(Job.state == JobState.RUNNING).values(lease_until=past))
        session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.state == MailState.CLAIMED)
            .values(lease_until=past)
        )


def drain() -> None:
    for _ in range(MOST_COMMITS):
        if not worker.tick():
            return
    pytest.fail("there is always more to do")


def cut_off(monkeypatch: pytest.MonkeyPatch, *, dies_at: int, is_before: bool) -> bool:
    """Let a worker do what is due and die at one commit; return whether it lived."""
    mortal = Mortal(dies_at, is_before)
    with monkeypatch.context() as patched:
        patched.setattr(worker, "transaction", mortal.transaction)
        patched.setattr(tasks, "transaction", mortal.transaction)
        try:
            drain()
        except Death:
            return False
    return True


def count(*what: object) -> int:
    with reading() as session:
        return session.scalar(select(func.count(*what))) or 0  # type: ignore[arg-type] # columns


def actions() -> Counter[str]:
    with reading() as session:
        return Counter(session.scalars(select(AuditEvent.action)))


def prepare_launch(number: int) -> None:
    at = utcnow()
    with transaction() as session:
        programme = factories.make_programme(session, f"p{number}", at=at)
        buyer = factories.make_organisation(session, programme, "Aldermere", at=at)
        supplier = factories.make_organisation(session, programme, "Kestrin", at=at)
        relationship = factories.make_relationship(session, buyer, supplier, at=at)
        for person in range(5):
            contact = factories.make_contact(session, buyer, f"Person {person}", at=at)
            factories.make_part(session, contact, relationship, at=at)
        wave = factories.make_wave(session, programme, factories.annual_survey(), at=at)
        waves.launch(session, wave, by="test", at=at)


def check_launch(number: int) -> None:
    """Five more people in five more invitations, and one opening each."""
    assert count(Invitation.id) == count(Assignment.id) == count(OutgoingMail.id) == 5 * number
    assert count(Invitation.contact_id.distinct()) == 5 * number
    assert actions()["wave.opened"] == number
    with reading() as session:
        states = Counter(session.scalars(select(OutgoingMail.state)))
    assert states[MailState.QUEUED] == states[MailState.CLAIMED] == states[MailState.FAILED] == 0
    # each death can leave the one message in doubt that it was sending, and no more
    assert states[MailState.UNCERTAIN] <= number


def prepare_scoring(number: int) -> None:
    closed_wave({"Aldermere": [[5, 4, 4], [3, 3, 2]]}, slug=f"p{number}")


def check_scoring(number: int) -> None:
    assert count(ScoreRun.id) == count(ScoreRun.wave_id.distinct()) == number
    assert count(Score.id) % number == 0
    assert actions()["wave.scored"] == number


def prepare_document(number: int) -> None:
    buyers = {f"Buyer {each}": [[5, 4, 4], [3, 3, 2], [2, 2, 1]] for each in range(16)}
    if number == 1:
        score(closed_wave(buyers))
        drain()
    with transaction() as session:
        run_id = session.scalars(select(ScoreRun.id)).one()
        scorecards.request(
            session,
            results.run(session, run_id),
            relationship_of(f"Buyer {number}"),
            pack=packs.find("scorecard"),
            locale="en",
            by="test",
            at=utcnow(),
        )


def check_document(number: int) -> None:
    assert count(Release.id) == number
    assert actions()["scorecard.released"] == number
    with reading() as session:
        assert set(session.scalars(select(Scorecard.state))) == {ScorecardState.READY}
        [*files] = session.scalars(select(Scorecard.file_sha256))
    assert len(set(files)) == number
    assert all(state().store.get(each).startswith(b"%PDF") for each in files if each)


Step = Callable[[int], None]


@pytest.mark.parametrize(
    ("prepare", "check"),
    [
        pytest.param(prepare_launch, check_launch, id="launch-wave and send-mail"),
        pytest.param(prepare_scoring, check_scoring, id="score-wave"),
        pytest.param(prepare_document, check_document, id="build-scorecard"),
    ],
)
def test_a_job_cut_off_at_any_commit_is_finished_by_the_next_worker_with_effects_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch, prepare: Step, check: Step
) -> None:
    lived = False
    moments = product(range(1, MOST_COMMITS), (True, False))
    for number, (dies_at, is_before) in enumerate(moments, start=1):
        prepare(number)
        lived = cut_off(monkeypatch, dies_at=dies_at, is_before=is_before)
        end_leases()
        drain()
        check(number)
        with reading() as session:
            assert set(session.scalars(select(Job.state))) == {JobState.DONE}
        if lived:
            break
    assert lived, "the moments go beyond the last commit"
    assert number > 2, "and several were tried"
