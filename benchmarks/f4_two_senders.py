"""F4: ten thousand invitations, two senders at once, one of them killed in the middle again and again.

Two ``surveyapp worker`` processes send the mail of one wave to a real SMTP server, which notes each
message it accepts. One of the two gets kill -9 at a random moment and a new one takes its place. In the
end the leases of the dead are ended by hand, which waits for five minutes otherwise. Wrong is every
person with more than one accepted message, every message that was accepted and is neither sent nor
listed as uncertain, and every one that is sent and was never accepted. Run:
``python -m benchmarks.f4_two_senders [--quick]``.
"""

import asyncio
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from typing import Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import func, insert, select

from benchmarks.stage import Outcome, Stage, end_leases, free_port, main, wait_until
from surveyapp.clock import utcnow
from surveyapp.extensions import reading, transaction
from surveyapp.models.accounts import Contact, Function, Influence, Side, Stakeholder
from surveyapp.models.invitations import Invitation
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave
from surveyapp.services import mail, waves
from tests import factories

PEOPLE: Final = 10_000
PEOPLE_QUICK: Final = 200
_SEED: Final = 4
_KILLS_PER_THOUSAND: Final = 2
_FEWEST_KILLS: Final = 2
_SLOWEST_ANSWER_SECONDS: Final = 0.004
_PATIENCE_SECONDS: Final = 1800.0


class Sink:
    """Accepts every message and notes which, before it says so."""

    def __init__(self) -> None:
        self.accepted: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._random = random.Random(_SEED)

    @property
    def total(self) -> int:
        """How many messages were accepted."""
        with self._lock:
            return self.accepted.total()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd finds its hooks by name
        """Accept, at a moment the sender cannot foresee."""
        # half before, half after: a kill meets messages on either side of acceptance
        await asyncio.sleep(self._random.uniform(0, _SLOWEST_ANSWER_SECONDS / 2))
        content = envelope.content or b""
        key = message_from_bytes(content if isinstance(content, bytes) else content.encode())
        with self._lock:
            self.accepted[str(key["Message-ID"]).strip("<>").partition("@")[0]] += 1
        await asyncio.sleep(self._random.uniform(0, _SLOWEST_ANSWER_SECONDS / 2))
        return "250 OK"


@contextmanager
def listening(sink: Sink) -> Iterator[str]:
    """Run the server; yield its address for the settings."""
    port = free_port()
    controller = Controller(sink, "127.0.0.1", port)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


def play(stage: Stage, tries: int) -> Outcome:
    """Launch a wave to so many people and kill senders until all its mail is out."""
    outcome = Outcome(tries=tries)
    rng = random.Random(_SEED)
    sink = Sink()
    with listening(sink) as url:
        stage.environ["SURVEYAPP_SMTP_URL"] = url
        wave_id = _launch(tries)
        stage.start_worker("first")
        wait_until(lambda: sink.total > 0, seconds=_PATIENCE_SECONDS)
        started = time.perf_counter()
        kills = _kill_and_replace(stage, sink, wave_id, tries, rng)
        wait_until(lambda: not _waiting(), seconds=_PATIENCE_SECONDS, every=0.1)
        seconds = time.perf_counter() - started
        stage.end()
        end_leases()
        # a new worker lists what the dead had claimed and ends their jobs; nothing goes out anew
        stage.start_worker("last")
        wait_until(_is_settled, seconds=_PATIENCE_SECONDS, every=0.1)
        stage.end()
    _judge(outcome, sink)
    outcome.detail |= {
        "kills": kills,
        "messages_a_second": round(tries / seconds, 1),
        "sending_s": round(seconds, 1),
    }
    outcome.check(kills >= _FEWEST_KILLS, f"only {kills} senders were killed at work")
    return outcome


def _launch(people: int) -> uuid.UUID:
    at = utcnow()
    with transaction() as session:
        programme = factories.make_programme(session, at=at)
        buyer = factories.make_organisation(session, programme, "Aldermere", at=at)
        supplier = factories.make_organisation(session, programme, "Kestrin", at=at)
        relationship = factories.make_relationship(session, buyer, supplier, at=at)
        contacts = [
            {
                "id": uuid.uuid4(),
                "programme_id": programme.id,
                "organisation_id": buyer.id,
                "email": f"person.{number}@aldermere.example",
                "name": f"Person {number}",
                "created_at": at,
            }
            for number in range(people)
        ]
        session.execute(insert(Contact), contacts)
        session.execute(
            insert(Stakeholder),
            [
                {
                    "programme_id": programme.id,
                    "contact_id": contact["id"],
                    "relationship_id": relationship.id,
                    "side": Side.BUYER,
                    "function": Function.USER,
                    "influence": Influence.USES,
                    "created_at": at,
                }
                for contact in contacts
            ],
        )
        wave = factories.make_wave(session, programme, factories.annual_survey(), at=at)
        waves.launch(session, wave, by="benchmark", at=at)
        return wave.id


def _kill_and_replace(
    stage: Stage, sink: Sink, wave_id: uuid.UUID, people: int, rng: random.Random
) -> int:
    """Keep two senders at work, and kill one each time so many more messages are through."""
    wanted = max(_FEWEST_KILLS, people * _KILLS_PER_THOUSAND // 1000)
    at_work = ["first", "sender-0"]
    _ask_for_a_sender(stage, "sender-0", wave_id)
    kills = 0
    for number in range(1, wanted + 1):
        goal = people * number // (wanted + 2)
        wait_until(lambda goal=goal: sink.total >= goal, seconds=_PATIENCE_SECONDS)  # type: ignore[misc] # mypy infers no lambda with a default
        time.sleep(rng.uniform(0, 0.02))
        victim = at_work.pop(rng.randrange(len(at_work)))
        stage.kill(victim)
        kills += bool(_waiting())
        at_work.append(f"sender-{number}")
        _ask_for_a_sender(stage, f"sender-{number}", wave_id)
    return kills


def _ask_for_a_sender(stage: Stage, name: str, wave_id: uuid.UUID) -> None:
    """Start a worker and ask for a job of its own: the other one's is taken."""
    with transaction() as session:
        wave = session.get_one(Wave, wave_id)
        programme = session.get_one(Programme, wave.programme_id)
        mail.request_sending(session, wave_id, programme=programme, at=utcnow())
    stage.start_worker(name)


def _waiting() -> int:
    with reading() as session:
        waiting = select(func.count()).where(OutgoingMail.state == MailState.QUEUED)
        return session.scalar(waiting) or 0


def _is_settled() -> bool:
    """Tell whether nothing is under way: no mail claimed, no job left."""
    with reading() as session:
        claimed = select(OutgoingMail.id).where(OutgoingMail.state == MailState.CLAIMED).limit(1)
        at_work = select(Job.id).where(Job.state.in_((JobState.QUEUED, JobState.RUNNING))).limit(1)
        return session.scalar(claimed) is None and session.scalar(at_work) is None


def _judge(outcome: Outcome, sink: Sink) -> None:
    """Hold what the server accepted against what the database says."""
    with reading() as session:
        rows = session.execute(select(OutgoingMail.id, OutgoingMail.state)).all()
        people = session.scalar(select(func.count()).select_from(Invitation)) or 0
    states = {str(mail_id): state for mail_id, state in rows}
    count = Counter(states.values())
    for key, times in sink.accepted.items():
        outcome.check(times == 1, f"message {key} ({states.get(key)}) was accepted {times} times")
        listed = states.get(key) in {MailState.SENT, MailState.UNCERTAIN}
        outcome.check(listed, f"message {key} was accepted and is {states.get(key)}")
    for key, state in states.items():
        was = state != MailState.SENT or key in sink.accepted
        outcome.check(was, f"message {key} is sent and was never accepted")
    outcome.check(
        people == outcome.tries == len(states), f"{len(states)} messages, {people} people"
    )
    whole = count[MailState.SENT] + count[MailState.UNCERTAIN] == len(states)
    outcome.check(whole, f"not all are sent or in doubt: {count}")
    in_doubt = [key for key, state in states.items() if state == MailState.UNCERTAIN]
    outcome.detail |= {
        "accepted": sink.accepted.total(),
        "sent": count[MailState.SENT],
        "uncertain": len(in_doubt),
        "uncertain_but_accepted": sum(key in sink.accepted for key in in_doubt),
    }


if __name__ == "__main__":
    main(
        "F4",
        "people with two messages or one unaccounted for",
        play,
        tries=PEOPLE,
        quick=PEOPLE_QUICK,
        description=__doc__ or "",
    )
