"""F6: a worker dies in the middle of a job; the job runs again once its lease is over, effects once.

For each kind of job a worker process is forked, gets kill -9 at a random moment of its work, and another
finishes. The leases of the dead are ended by hand, but for one job of a full run on each database: there
``surveyapp worker`` gets the kill, a second one runs beside it, and the two minutes are waited out.
Run: ``python -m benchmarks.f6_dead_worker [--quick]``.
"""

import os
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import psutil
from sqlalchemy import func, select, update

from benchmarks.stage import Outcome, Stage, end_leases, main, wait_until
from surveyapp.clock import utcnow
from surveyapp.extensions import db, reading, state, transaction
from surveyapp.jobs import worker
from surveyapp.models.audit import AuditEvent
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.programmes import Programme
from surveyapp.models.results import Release, ScoreRun
from surveyapp.models.waves import Wave, WaveState
from surveyapp.reports import packs
from surveyapp.services import jobs, programmes, results, scorecards, waves
from tests import factories
from tests.services.scored import closed_wave, relationship_of

LAUNCHED: Final = 1100
"""Two chunks, so that a launch can die between them."""
MAILED: Final = 60
DEATHS: Final = 3
"""Of one job at most: after five it is given up, as it must be."""
_SEED: Final = 6
_LONG: Final = 8_000
"""So many that a worker is still at it when the kill comes."""
_QUICK: Final = 2
_FULL: Final = 15
_PATIENCE_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job: how one is asked for, and what must hold once it is done."""

    name: str
    ask: Callable[[int], uuid.UUID]
    """Ask for one more job; returns its id."""
    problems: Callable[[int], list[str]]
    """What is wrong after so many of them."""


def play(stage: Stage, tries: int) -> Outcome:
    """Kill each kind so often, then look at what all of them left behind."""
    outcome = Outcome()
    rng = random.Random(_SEED)
    killed: Counter[str] = Counter()
    for kind in _KINDS:
        typical = _carry_out_unharmed(kind.ask(0))
        for number in range(1, tries + 1):
            job_id = kind.ask(number)
            for _ in range(rng.randint(1, DEATHS)):
                killed[kind.name] += _kill_in_the_middle(job_id, rng.uniform(0, 0.95 * typical))
                end_leases()
            _carry_out_unharmed(job_id)
            outcome.tries += 1
            ended = _job(job_id).state
            outcome.check(ended == JobState.DONE, f"{kind.name} {number} is {ended}")
        outcome.wrong += kind.problems(tries + 1)
        outcome.detail[f"{kind.name}_s"] = round(typical, 3)
    if tries > _QUICK:
        outcome.detail["waited_s"] = round(_wait_for_the_lease(stage, outcome), 1)
    outcome.detail |= {f"{name}_killed": times for name, times in killed.items()}
    outcome.check(min(killed.values()) > 0, f"a kind was never killed at work: {killed}")
    return outcome


def _fork(job_id: uuid.UUID) -> int:
    """Start a worker process for one job; return its process id."""
    # connections must not be shared with the child
    db.session.remove()
    db.engine.dispose()
    state().queue.close()
    pid = os.fork()
    if pid:
        return pid
    try:  # the child: it must never return into the program
        worker.run(job_id)
    finally:
        os._exit(0)


def _carry_out_unharmed(job_id: uuid.UUID) -> float:
    """Let a worker do the job; return the seconds from its claim to the end."""
    pid = _fork(job_id)
    _wait_for_claim(job_id, pid)
    started = time.perf_counter()
    os.waitpid(pid, 0)
    return time.perf_counter() - started


def _kill_in_the_middle(job_id: uuid.UUID, after: float) -> bool:
    """Kill -9 a worker so long after its claim; return whether it died at work."""
    pid = _fork(job_id)
    _wait_for_claim(job_id, pid)
    time.sleep(after)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return _job(job_id).state == JobState.RUNNING


def _wait_for_claim(job_id: uuid.UUID, pid: int) -> None:
    """Look until the worker has the job, or nothing is left to do; it stays our child meanwhile."""
    wait_until(
        lambda: (
            _job(job_id).state == JobState.RUNNING
            or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        ),
        every=0.001,
    )


def _job(job_id: uuid.UUID) -> Job:
    with reading() as session:
        return jobs.find(session, job_id)


def _actions() -> Counter[str]:
    with reading() as session:
        return Counter(session.scalars(select(AuditEvent.action)))


def _launch(slug: str, number: int, people: int) -> uuid.UUID:
    """Launch a programme's wave of that number to all its people, who are made for the first."""
    at = utcnow()
    with transaction() as session:
        if number == 0:
            programme = factories.make_programme(session, slug, at=at)
            buyer = factories.make_organisation(session, programme, "Aldermere", at=at)
            supplier = factories.make_organisation(session, programme, "Kestrin", at=at)
            relationship = factories.make_relationship(session, buyer, supplier, at=at)
            for each in range(people):
                contact = factories.make_contact(session, buyer, f"Person {each}", at=at)
                factories.make_part(session, contact, relationship, at=at)
        programme = programmes.find(session, slug)
        programme.guard_days = 0
        definition = factories.annual_survey()
        wave = factories.make_wave(session, programme, definition, slug=f"wave-{number}", at=at)
        return waves.launch(session, wave, by="test", at=at).id


def _ask_launch(number: int) -> uuid.UUID:
    _forget_other_jobs()
    return _launch("launched", number, LAUNCHED)


def _launch_problems(times: int) -> list[str]:
    with reading() as session:
        found = session.execute(
            select(func.count(), func.count(Invitation.contact_id.distinct()))
            .group_by(Invitation.wave_id)
            .order_by(Invitation.wave_id)
        ).all()
        assignments = session.scalar(select(func.count(Assignment.id)))
        mails = session.scalar(select(func.count(OutgoingMail.id)))
        states = set(session.scalars(select(Wave.state)))
    wanted = LAUNCHED * times
    problems = [
        f"a wave has {rows} invitations of {people} people"
        for rows, people in found
        if (rows, people) != (LAUNCHED, LAUNCHED)
    ]
    if (len(found), assignments, mails) != (times, wanted, wanted):
        problems.append(f"{len(found)} waves, {assignments} assignments, {mails} mails")
    if states != {WaveState.OPEN}:
        problems.append(f"waves are {states}")
    if _actions()["wave.opened"] != times:
        problems.append(f"{times} waves were opened {_actions()['wave.opened']} times")
    return problems


def _ask_mail(number: int) -> uuid.UUID:
    _forget_other_jobs()
    _carry_out_unharmed(_launch("mailed", number, MAILED))
    with reading() as session:
        waiting = select(Job.id).where(Job.kind == "send-mail", Job.state == JobState.QUEUED)
        return session.scalars(waiting.order_by(Job.created_at.desc())).first() or uuid.uuid4()


def _mail_problems(times: int) -> list[str]:
    """Nothing waits any more; each death leaves at most the one message in doubt it was sending."""
    with reading() as session:
        states = Counter(
            session.scalars(
                select(OutgoingMail.state)
                .join(Programme, Programme.id == OutgoingMail.programme_id)
                .where(Programme.slug == "mailed")
            )
        )
    waiting = states[MailState.QUEUED] + states[MailState.FAILED]
    in_doubt = states[MailState.CLAIMED] + states[MailState.UNCERTAIN]
    problems = [] if waiting == 0 else [f"{waiting} mails were not sent: {states}"]
    if in_doubt > DEATHS * times:
        problems.append(f"{in_doubt} mails are in doubt after at most {DEATHS * times} deaths")
    if sum(states.values()) != MAILED * times:
        problems.append(f"{sum(states.values())} mails for {MAILED * times} people")
    return problems


def _ask_scoring(number: int) -> uuid.UUID:
    _forget_other_jobs()
    buyers = {f"Buyer {each}": [(4, 4, 4), (3, 2, 3)] for each in range(3)}
    wave_id = closed_wave(buyers, slug=f"score-{number}")
    with reading() as session:
        ours = (Job.kind == "score-wave") & (Job.key.startswith(f"score:{wave_id}"))
        return session.scalars(select(Job.id).where(ours)).one()


def _scoring_problems(times: int) -> list[str]:
    with reading() as session:
        runs = Counter(session.scalars(select(ScoreRun.wave_id)))
    scored = _actions()["wave.scored"]
    if len(runs) != times or set(runs.values()) != {1} or scored != times:
        return [f"{times} waves have runs {sorted(runs.values())}, {scored} are recorded"]
    return []


def _ask_document(number: int) -> uuid.UUID:
    if number == 0:
        buyers = {f"Document {each}": [(4, 4, 4), (3, 2, 3)] for each in range(_FULL + 1)}
        closed_wave(buyers, slug="documents", settings={"anonymity": "identified"})
        with reading() as session:
            scoring = select(Job.id).where(Job.kind == "score-wave", Job.state == JobState.QUEUED)
            job_id = session.scalars(scoring).one()
        _carry_out_unharmed(job_id)
    _forget_other_jobs()
    with transaction() as session:
        run_id = session.scalars(select(ScoreRun.id).order_by(ScoreRun.created_at.desc())).first()
        _, job_id = scorecards.request(
            session,
            results.run(session, run_id or uuid.uuid4()),
            relationship_of(f"Document {number}"),
            pack=packs.find("scorecard"),
            locale="en",
            by="test",
            at=utcnow(),
        )
    return job_id


def _document_problems(times: int) -> list[str]:
    with reading() as session:
        releases = session.scalar(select(func.count(Release.id)))
        cuts = session.scalar(select(func.count(Release.cut.distinct())))
    released = _actions()["scorecard.released"]
    if (releases, cuts, released) != (times, times, times):
        return [f"{times} documents: {releases} releases of {cuts} cuts, {released} recorded"]
    return []


def _forget_other_jobs() -> None:
    """Take what earlier tries left waiting out of the way: each try is about one job."""
    with transaction() as session:
        session.execute(
            update(Job)
            .where(Job.state == JobState.QUEUED)
            .values(state=JobState.DONE, finished_at=utcnow())
        )


def _wait_for_the_lease(stage: Stage, outcome: Outcome) -> float:
    """Kill a real worker at work and let a second one take over by itself; return the seconds."""
    _forget_other_jobs()
    stage.start_worker("first")
    job_id = _launch("waiting", 0, _LONG)
    wait_until(lambda: _job(job_id).done_units > 0, seconds=_PATIENCE_SECONDS)
    dead = _job(job_id).claimed_by
    stage.kill("first")
    outcome.check(_job(job_id).state == JobState.RUNNING, "it was done before its worker died")
    started = time.monotonic()
    stage.start_worker("second")
    wait_until(lambda: _job(job_id).state == JobState.DONE, seconds=_PATIENCE_SECONDS)
    waited = time.monotonic() - started
    outcome.tries += 1
    with reading() as session:
        people, rows = session.execute(
            select(func.count(Invitation.contact_id.distinct()), func.count())
            .join(Programme, Programme.id == Invitation.programme_id)
            .where(Programme.slug == "waiting")
        ).one()
    outcome.check(people == rows == _LONG, f"{rows} invitations of {people} people, not {_LONG}")
    outcome.check(_job(job_id).claimed_by != dead, "nobody took it over")
    stage.kill("second")
    return waited


_KINDS: Final = (
    Kind("launch", _ask_launch, _launch_problems),
    Kind("mail", _ask_mail, _mail_problems),
    Kind("score", _ask_scoring, _scoring_problems),
    Kind("document", _ask_document, _document_problems),
)

if __name__ == "__main__":
    main("F6", "wrong effects", play, tries=_FULL, quick=_QUICK, description=__doc__ or "")
