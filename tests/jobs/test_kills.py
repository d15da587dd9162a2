"""kill -9 in the middle, for real: what was promised is kept, what is in doubt is listed."""

import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from flask import Flask
from sqlalchemy import func, select, update

from surveyapp.cli.processes import this_command
from surveyapp.clock import utcnow
from surveyapp.extensions import db, reading, transaction
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import waves
from tests import factories
from tests.conftest import make_app
from tests.factories import annual_survey
from tests.web.world import draft, open_wave

PEOPLE = 3000
KILLS = 10
PATIENCE_SECONDS = 60.0


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """On SQLite, with tables as the migrations leave them, so that commands accept them."""
    app = make_app(tmp_path)
    head = (Path(__file__).parents[2] / "migrations/head.txt").read_text(encoding="utf-8").strip()
    with app.app_context():
        with transaction() as session:
            connection = session.connection()
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (head,))
        yield app
        db.engine.dispose()


def start(home: Path, *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        this_command(*command),
        env={**os.environ, "SURVEYAPP_HOME": str(home), "SURVEYAPP_LOG_LEVEL": "WARNING"},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and its children: all of the session it was started in."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(is_so: Callable[[], bool], *, every: float = 0.01) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(every)


def count(model: type[Invitation | OutgoingMail], *where: object) -> int:
    with reading() as session:
        return session.scalar(select(func.count(model.id)).where(*where)) or 0  # type: ignore[arg-type] # conditions on the model


def launch_to(people: int) -> None:
    at = utcnow()
    with transaction() as session:
        programme = factories.make_programme(session, at=at)
        buyer = factories.make_organisation(session, programme, "Aldermere", at=at)
        supplier = factories.make_organisation(session, programme, "Kestrin", at=at)
        relationship = factories.make_relationship(session, buyer, supplier, at=at)
        for number in range(people):
            contact = factories.make_contact(session, buyer, f"Person {number}", at=at)
            factories.make_part(session, contact, relationship, at=at)
        wave = factories.make_wave(session, programme, annual_survey(), at=at)
        waves.launch(session, wave, by="test", at=at)


def end_leases() -> None:
    """What two or five minutes of silence would do."""
    past = utcnow() - timedelta(seconds=1)
    with transaction() as session:
        session.execute(update(Job).where(Job.state == JobState.RUNNING).values(lease_until=past))
        session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.state == MailState.CLAIMED)
            .values(lease_until=past)
        )


def test_workers_killed_in_the_middle_of_a_launch_invite_and_mail_nobody_twice(
    app: Flask, tmp_path: Path
) -> None:
    launch_to(PEOPLE)
    outbox = tmp_path / "outbox"
    first = start(tmp_path, "worker")
    wait_until(lambda: count(Invitation) > 0)
    kill(first)
    assert 0 < count(Invitation) < PEOPLE, "it was killed between chunks"
    with reading() as session:
        assert session.scalars(select(Wave.state)).one() is WaveState.LAUNCHING
    end_leases()
    second = start(tmp_path, "worker")
    wait_until(lambda: outbox.exists() and len(list(outbox.glob("*.eml"))) > 50)
    kill(second)
    delivered = {path.name: path.stat().st_mtime_ns for path in outbox.glob("*.eml")}
    assert 50 < len(delivered) < PEOPLE
    end_leases()
    third = start(tmp_path, "worker")
    wait_until(lambda: count(OutgoingMail, OutgoingMail.state == MailState.QUEUED) < PEOPLE - 300)
    kill(third)
    with reading() as session:
        assert session.scalars(select(Wave.state)).one() is WaveState.OPEN
        people = session.scalars(select(Invitation.contact_id)).all()
        assert len(people) == len(set(people)) == PEOPLE
        assert session.scalar(select(func.count(Assignment.id))) == PEOPLE
        assert session.scalar(select(func.count(OutgoingMail.id))) == PEOPLE
        sent = set(
            session.scalars(select(OutgoingMail.id).where(OutgoingMail.state == MailState.SENT))
        )
        states = Counter(session.scalars(select(OutgoingMail.state)))
    files = list(outbox.glob("*.eml"))
    assert {f"{mail_id}.eml" for mail_id in sent} <= {path.name for path in files}
    assert states[MailState.UNCERTAIN] <= 1, "one message was under way when the second died"
    assert states[MailState.CLAIMED] <= 1, "and one when the third did"
    again = [
        path for path in files if delivered.get(path.name) not in {None, path.stat().st_mtime_ns}
    ]
    assert again == [], "a message was written a second time"
    recipients = Counter(
        re.search(rb"^To: .*<(.+)>", path.read_bytes(), re.MULTILINE)[1]  # type: ignore[index] # every mail has one
        for path in files
    )
    assert set(recipients.values()) == {1}


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def test_every_answer_a_killed_web_process_acknowledged_is_there(
    app: Flask, tmp_path: Path
) -> None:
    [tomas] = open_wave(app, "Tomas Vey")
    bind = f"127.0.0.1:{free_port()}"
    acknowledged, tried = "", 0
    with httpx.Client(base_url=f"http://{bind}", timeout=5) as browser:
        for number in range(KILLS):
            pages = start(tmp_path, "pages", "--bind", bind, "--workers", "1")
            # the moment of the kill differs from round to round
            milliseconds = 40 + 37 * number
            try:
                wait_until(lambda: answers(browser, tomas.link))
                browser.post(tomas.link)
                death = threading.Timer(milliseconds / 1000, os.killpg, (pages.pid, signal.SIGKILL))
                death.start()
                while True:
                    tried += 1
                    if save(browser, tomas.at("own_words"), f"Answer {tried}"):
                        acknowledged = f"Answer {tried}"
            except httpx.TransportError:
                death.join()
                pages.wait(30)
            stands = draft(app, tomas.slug).get("change_first", "")
            # what was accepted but not told may stand too: it came after
            assert stands in {acknowledged, f"Answer {tried}"}, f"lost in round {number}"
    assert tried > KILLS
    assert acknowledged


def answers(browser: httpx.Client, link: str) -> bool:
    try:
        return browser.get(link).status_code == 200
    except httpx.TransportError:
        return False


def save(browser: httpx.Client, path: str, words: str) -> bool:
    page = browser.get(path).text
    found = re.search(r'name="page_token" value="([^"]+)"', page)
    assert found, page[:500]
    sent = browser.post(
        path, data={"page_token": found[1], "q_change_first": words, "action": "continue"}
    )
    return sent.status_code == 303
