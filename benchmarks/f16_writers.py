"""F16: many processes write to one SQLite file at once; no update is lost, nobody gets "locked".

Processes with several threads each read a number and write the next one, and append to the audit chain,
which reads its end first. Meanwhile respondents save pages through two web processes, a worker launches
a wave in chunks, and jobs' leases are extended as workers do. Every writer goes through the product's
own ``transaction()``. Run: ``python -m benchmarks.f16_writers [--quick]``.
"""

import multiprocessing
import threading
import time
import uuid
from collections.abc import Mapping
from multiprocessing.synchronize import Barrier
from typing import Final

from sqlalchemy import func, select

from benchmarks.stage import Browser, Outcome, Stage, drafts, is_acknowledged, main, wait_until
from surveyapp.app import create_app
from surveyapp.clock import utcnow
from surveyapp.extensions import reading, transaction
from surveyapp.models.audit import AuditEvent
from surveyapp.models.invitations import Invitation
from surveyapp.models.jobs import JobState
from surveyapp.models.waves import Wave
from surveyapp.services import audit, jobs, programmes, waves
from surveyapp.settings import Settings
from tests import factories
from tests.web.world import Invited, open_wave

PROCESSES: Final = 3
THREADS: Final = 4
RESPONDENTS: Final = 4
INVITED: Final = 3000
_ME: Final = "counter"


def play(stage: Stage, tries: int) -> Outcome:
    """Let everybody write at once; ``tries`` is how often numbers are raised in all."""
    people = open_wave(stage.app, *(f"Person {number}" for number in range(RESPONDENTS)))
    stage.start_pages(workers=2)
    outcome = Outcome()
    each = tries // (PROCESSES * THREADS)
    before = _audit_events()
    counter, launched = _ask_counter(), _ask_launch()
    stage.start_worker()
    slowest, respondents = _write_at_once(stage, people, counter, each, outcome)
    wait_until(lambda: _is_done(launched))
    with reading() as session:
        counted = jobs.find(session, counter).done_units
        broken = audit.first_broken(session, programmes.find(session, "kestrin"))
        invited = session.scalar(
            select(func.count(Invitation.id))
            .join(Wave, Wave.id == Invitation.wave_id)
            .where(Wave.slug == "meanwhile")
        )
    updates = each * PROCESSES * THREADS
    appended = _audit_events() - before
    outcome.tries += 2 * updates + respondents
    lost = updates - counted
    outcome.wrong += ["an update is lost"] * lost
    outcome.wrong += ["an audit event is lost"] * max(0, updates - appended)
    outcome.check(broken is None, "the audit chain is broken")
    outcome.check(invited == RESPONDENTS + INVITED, f"the launch wrote {invited} invitations")
    outcome.wrong += stage.faults()
    outcome.detail |= {"updates": updates, "pages_saved": respondents, "slowest_s": slowest}
    return outcome


def _write_at_once(
    stage: Stage, people: list[Invited], counter: uuid.UUID, each: int, outcome: Outcome
) -> tuple[float, int]:
    context = multiprocessing.get_context("spawn")
    start, said = context.Barrier(PROCESSES), context.SimpleQueue()
    writers = [
        context.Process(target=write, args=(stage.environ, counter, each, start, said))
        for _ in range(PROCESSES)
    ]
    is_over = threading.Event()
    saved: list[int] = []
    answering = [
        threading.Thread(target=_answer, args=(stage, person, is_over, saved, outcome))
        for person in people
    ]
    for writer in writers:
        writer.start()
    for thread in answering:
        thread.start()
    found = [said.get() for _ in writers]
    for writer in writers:
        writer.join()
    is_over.set()
    for thread in answering:
        thread.join()
    for errors, _ in found:
        outcome.wrong += errors
    return round(max(slowest for _, slowest in found), 3), sum(saved)


def write(
    environ: Mapping[str, str],
    counter: uuid.UUID,
    each: int,
    start: Barrier,
    said: "multiprocessing.SimpleQueue[tuple[list[str], float]]",
) -> None:
    """Be one process of writers: raise the number and append to the chain, in several threads."""
    app = create_app(Settings.from_env(environ))
    errors: list[str] = []
    seconds: list[float] = [0.0]

    def raise_often() -> None:
        with app.app_context():
            for _ in range(each):
                began = time.perf_counter()
                try:
                    _raise(counter)
                    _append()
                except Exception as error:  # noqa: BLE001 whatever a writer gets is counted
                    errors.append(f"a writer got {type(error).__name__}: {error}")
                seconds.append(time.perf_counter() - began)

    threads = [threading.Thread(target=raise_often) for _ in range(THREADS)]
    start.wait()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said.put((errors, max(seconds)))


def _raise(counter: uuid.UUID) -> None:
    """Read, then write what follows from it: the pattern that loses updates where nobody takes turns."""
    with transaction() as session:
        job = jobs.find(session, counter)
        value = job.done_units
        job.done_units = value + 1
        jobs.extend(session, counter, by=_ME, at=utcnow())


def _append() -> None:
    with transaction() as session:
        programme = programmes.find(session, "kestrin")
        audit.record(session, programme, "f16.written", subject="f16", by="test", at=utcnow())


def _answer(
    stage: Stage, person: Invited, is_over: threading.Event, saved: list[int], outcome: Outcome
) -> None:
    """Save one page after another and look whether each stands."""
    browser, count = Browser(stage.url, timeout=60), 0
    browser.begin(person.link)
    page = person.at("own_words")
    while not is_over.is_set():
        words = f"Words {count}"
        found = browser.save(page, browser.token(page), change_first=words)
        count += 1
        outcome.check(is_acknowledged(found), f"a respondent got {found.status_code}")
        with stage.app.app_context():
            stands = drafts([person.slug])[person.slug].get("change_first")
        outcome.check(stands == words, f"{words!r} was acknowledged, {stands!r} stands")
    saved.append(count)


def _ask_counter() -> uuid.UUID:
    """Make a job that is ours: its number is what is raised, its lease what is extended."""
    at = utcnow()
    with transaction() as session:
        job = jobs.request(session, "f16", key="f16", arguments={}, programme=None, at=at)
        session.info.pop("wake")
        if jobs.claim(session, job.id, by=_ME, at=at) is None:
            raise LookupError("The job is somebody else's.")
        return job.id


def _ask_launch() -> uuid.UUID:
    at = utcnow()
    with transaction() as session:
        programme = programmes.find(session, "kestrin")
        programme.guard_days = 0
        first = session.scalars(select(Wave)).one()
        buyer = factories.make_organisation(session, programme, "Brand", at=at)
        supplier = factories.make_organisation(session, programme, "Cask", at=at)
        relationship = factories.make_relationship(session, buyer, supplier, at=at)
        for number in range(INVITED):
            contact = factories.make_contact(session, buyer, f"Invited {number}", at=at)
            factories.make_part(session, contact, relationship, at=at)
        definition = factories.annual_survey()
        wave = factories.make_wave(session, programme, definition, slug="meanwhile", at=at)
        wave.closes_at = first.closes_at
        return waves.launch(session, wave, by="test", at=at).id


def _is_done(job_id: uuid.UUID) -> bool:
    with reading() as session:
        return jobs.find(session, job_id).state == JobState.DONE


def _audit_events() -> int:
    with reading() as session:
        written = select(func.count(AuditEvent.id)).where(AuditEvent.action == "f16.written")
        return session.scalar(written) or 0


if __name__ == "__main__":
    main(
        "F16",
        "lost or locked",
        play,
        tries=9000,
        quick=900,
        description=__doc__ or "",
        databases=("sqlite",),
    )
