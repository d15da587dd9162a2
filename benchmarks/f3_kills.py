"""F3: web and worker processes are killed at random under load; what a redirect acknowledged is there.

Respondents answer page after page and send, while a worker invites and mails wave after wave. Again and
again the whole web server, one of its processes, or the worker gets kill -9 and is started anew. After
every kill, and at the end, each answer that was answered with a redirect stands in the database, or one
that the same person sent later and got no word about; each receipt has its one response.
Pages with every kind of item are among them, with a file whose bytes must be there too.
A text of nothing but line breaks counts as no answer, on paper as here: one text in six is such, and
then it must have taken the answer back. Leases of the dead are ended by hand: the wait is F6's matter.
Run: ``python -m benchmarks.f3_kills [--quick]``.
"""

import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import psutil
from sqlalchemy import func, select

from benchmarks import every_kind
from benchmarks.stage import Browser, Outcome, Stage, drafts, end_leases, is_acknowledged, main
from surveyapp.clock import utcnow
from surveyapp.extensions import reading, transaction
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.responses import Response
from surveyapp.models.waves import View, Wave, WaveState
from surveyapp.services import jobs, programmes, waves
from tests.questionnaires.feature import all_together
from tests.web.world import Invited, open_wave

CLIENTS: Final = 4
PEOPLE_A_KILL: Final = 15
"""Enough that nobody runs out of people to answer for; every wave asks them all."""
_OTHERS: Final = ("promises", "choices", "facts")
_SEED: Final = 3
_BLANK: Final = "\r\n\r\n"
_SETTLE_SECONDS: Final = 60.0


@dataclass
class Person:
    """What one respondent was told, and what may stand besides."""

    invited: Invited
    number: int
    acknowledged: str | None = None
    unsure: set[str | None] = field(default_factory=set)
    """Sent after the last acknowledged answer, without a word back."""
    kept: dict[str, Any] = field(default_factory=dict)
    """What was acknowledged of the pages of other kinds."""
    has_receipt: bool = False

    def stands_right(self, words: str | None) -> bool:
        """Tell whether the database may hold these words."""
        return words == self.acknowledged or words in self.unsure


@dataclass
class Load:
    """Respondents in threads of their own, who go on whatever happens to the server."""

    stage: Stage
    people: list[Person]
    turn: threading.Lock = field(default_factory=threading.Lock)
    is_over: threading.Event = field(default_factory=threading.Event)
    pause: threading.Lock = field(default_factory=threading.Lock)
    acknowledged: int = 0
    begun: int = 0
    refused: list[str] = field(default_factory=list)

    def answer(self, number: int) -> None:
        """Answer for one person after another."""
        rng = random.Random(_SEED + number)
        browser = Browser(self.stage.url, timeout=10)
        while not self.is_over.is_set():
            with self.turn:
                person = self.people[self.begun % len(self.people)]
                self.begun += 1
            self._until_done(lambda: self._whole(browser, person, rng))  # noqa: B023 called at once

    def _until_done(self, step: object) -> None:
        while not self.is_over.is_set():
            try:
                step()  # type: ignore[operator] # a call without arguments
            except (httpx.TransportError, httpx.HTTPStatusError, ValueError):
                time.sleep(0.05)  # the server is gone, or on its way
            else:
                return

    def _whole(self, browser: Browser, person: Person, rng: random.Random) -> None:
        if person.has_receipt:
            time.sleep(0.05)  # everybody has answered
            return
        browser.begin(person.invited.link)
        page = person.invited.at("own_words")
        for _ in range(3):
            words = _BLANK if rng.random() < 1 / 6 else f"Words {rng.random()}"
            stored = words.strip() or None
            token = browser.token(page)
            person.unsure.add(stored)
            if self._is_accepted(browser.save(page, token, change_first=words)):
                person.acknowledged, person.unsure = stored, set()
        for section in _OTHERS:
            path, given = person.invited.at(section), every_kind.page(section, person.number)
            token = browser.token(path)
            if self._is_accepted(browser.save(path, token, given.files, **given.typed)):
                person.kept |= given.stored
        token = browser.token(person.invited.at("review"))
        form = {"page_token": token}
        if self._is_accepted(browser.post(person.invited.at("submit"), form)):
            person.has_receipt = True

    def _is_accepted(self, response: httpx.Response) -> bool:
        if is_acknowledged(response):
            self.acknowledged += 1
            return True
        self.refused.append(f"a post got {response.status_code}")
        return False


def play(stage: Stage, tries: int) -> Outcome:
    """Kill so often, look each time, and look at everything at the end."""
    names = (f"Person {number}" for number in range(PEOPLE_A_KILL * tries))
    invited = open_wave(stage.app, *names, definition=all_together())
    load = Load(stage, [Person(each, number) for number, each in enumerate(invited)])
    outcome = Outcome()
    rng = random.Random(_SEED)
    stage.start_pages(workers=2)
    stage.start_worker()
    clients = [threading.Thread(target=load.answer, args=(number,)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    kills = {"server": 0, "process": 0, "worker": 0}
    for number in range(tries):
        _keep_worker_busy(number)
        time.sleep(rng.uniform(0.5, 2.5))
        kind = ("server", "worker", "process")[number % 3]
        _kill(stage, kind, rng)
        kills[kind] += 1
        outcome.tries += 1
        if kind == "server":
            # nobody is answered between the kill and the new start: what was said must stand
            _check_answers(load, outcome, f"kill {number}")
            stage.start_pages(workers=2)
        elif kind == "worker":
            end_leases()
            stage.start_worker()
    load.is_over.set()
    for client in clients:
        client.join()
    _check_answers(load, outcome, "the end")
    _check_receipts(load, outcome)
    _check_waves(stage, len(load.people), outcome)
    outcome.wrong += load.refused
    outcome.wrong += [line for line in stage.faults() if "job.failed" not in line]
    outcome.detail |= {f"kills_{name}": times for name, times in kills.items()}
    outcome.detail["acknowledged"] = load.acknowledged
    outcome.detail["receipts"] = sum(person.has_receipt for person in load.people)
    return outcome


def _kill(stage: Stage, kind: str, rng: random.Random) -> None:
    if kind == "server":
        stage.kill("pages")
    elif kind == "worker":
        stage.kill("worker")
    else:
        children = psutil.Process(stage.pid_of("pages")).children()
        if children:
            os.kill(rng.choice(children).pid, signal.SIGKILL)


def _keep_worker_busy(number: int) -> None:
    """Launch another wave to everybody when the worker has nothing left to do."""
    with reading() as session:
        if jobs.unfinished(session):
            return
    at = utcnow()
    with transaction() as session:
        programme = programmes.find(session, "kestrin")
        programme.guard_days = 0
        first = session.scalars(select(Wave).order_by(Wave.created_at)).first()
        version = session.get(QuestionnaireVersion, first.questionnaire_version_id if first else 0)
        if first is None or version is None:
            raise LookupError("There is no first wave.")
        wave = waves.create(
            session,
            programme,
            slug=f"load-{number}",
            name=f"Load {number}",
            view=View.BUYER_ON_SUPPLIER,
            version=version,
            closes_at=first.closes_at,
            by="test",
            at=at,
        )
        waves.launch(session, wave, by="test", at=at)


def _check_answers(load: Load, outcome: Outcome, when: str) -> None:
    begun = load.people[: load.begun]
    found = drafts([person.invited.slug for person in begun])
    for person in begun:
        words = found[person.invited.slug].get("change_first")
        outcome.check(
            person.stands_right(words),
            f"{when}: {person.invited.slug} was told {person.acknowledged!r}, {words!r} stands",
        )
        stands = found[person.invited.slug]
        is_there = every_kind.is_stored(stands, dict(person.kept))
        outcome.check(is_there, f"{when}: {person.invited.slug} has {stands}, not {person.kept}")
        if is_there and every_kind.FILE_ITEM in person.kept:
            is_whole = every_kind.has_bytes(person.invited.slug, stands)
            outcome.check(is_whole, f"{when}: the file of {person.invited.slug} is gone")


def _check_receipts(load: Load, outcome: Outcome) -> None:
    with reading() as session:
        rows = session.execute(
            select(Assignment.slug, func.count(Response.id))
            .join(Response, Response.assignment_id == Assignment.id)
            .group_by(Assignment.slug)
        ).all()
    delivered = {slug: times for slug, times in rows}  # noqa: C416 rows are not pairs to dict()
    for person in load.people:
        times = delivered.get(person.invited.slug, 0)
        if person.has_receipt:
            outcome.check(times == 1, f"{person.invited.slug} has a receipt and {times} responses")
        outcome.check(times <= 1, f"{person.invited.slug} was delivered {times} times")


def _check_waves(stage: Stage, asked: int, outcome: Outcome) -> None:
    """Let the worker finish; then every wave has everybody once, and what is sent is in the outbox."""
    until = time.monotonic() + _SETTLE_SECONDS
    with reading() as session:
        while time.monotonic() < until and jobs.unfinished(session):
            session.rollback()
            time.sleep(0.2)
        states = set(session.scalars(select(Job.state)))
        opened = session.scalars(select(Wave.id).where(Wave.state == WaveState.OPEN)).all()
        invited = session.execute(
            select(func.count(), func.count(Invitation.contact_id.distinct())).group_by(
                Invitation.wave_id
            )
        ).all()
        sent = session.scalars(select(OutgoingMail.id).where(OutgoingMail.state == MailState.SENT))
        files = {path.stem for path in (stage.home / "outbox").glob("*.eml")}
        lost = [each for each in sent if str(each) not in files]
        uncertain = session.scalar(
            select(func.count()).where(OutgoingMail.state == MailState.UNCERTAIN)
        )
    outcome.check(JobState.FAILED not in states, "a job failed for good")
    outcome.check(
        all(people == distinct == asked for people, distinct in invited),
        f"a wave has other people than {asked}: {invited}",
    )
    outcome.check(not lost, f"{len(lost)} messages are marked as sent and are not in the outbox")
    outcome.detail |= {"waves": len(opened), "mail": len(files), "mail_uncertain": uncertain or 0}


if __name__ == "__main__":
    main("F3", "acknowledged things lost", play, tries=50, quick=4, description=__doc__ or "")
