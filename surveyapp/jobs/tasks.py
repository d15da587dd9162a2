"""What each kind of job does: one call of a service, with what it needs handed in."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

from surveyapp.clock import utcnow
from surveyapp.delivery.transports import transport_for
from surveyapp.extensions import Transaction, db, housekeeping, reading, state, transaction
from surveyapp.jobs.press import press
from surveyapp.reports import pdf
from surveyapp.services import (
    answer_copies,
    archives,
    mail_sending,
    question_lists,
    scorecards,
    scoring_runs,
    severed_files,
    severing,
    unsent,
    users,
    vacuuming,
    wave_launches,
    wave_reminder_writing,
    waves,
    what_if,
)
from surveyapp.services.mail_messages import Sender


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed job as its task sees it."""

    arguments: Mapping[str, str]
    progress: Callable[[int, int], None]
    """Say how many units of how many are done; keeps the claim."""
    transaction: Transaction
    """Write with it: it commits only while the job is still this worker's, so nothing is done twice."""


def launch_wave(work: Work) -> None:
    """Write the invitations of a launching wave, chunk by chunk, then open it."""
    wave_id, settings = uuid.UUID(work.arguments["wave"]), state().settings
    with work.transaction() as session:
        unsent.promise(session, wave_id, days=settings.unsent_days)
    wave_launches.invite_all(
        reading,
        work.transaction,
        wave_id,
        link_key=settings.link_key,
        now=utcnow,
        progress=work.progress,
    )


def write_reminder(work: Work) -> None:
    """Write the mails of a reminder to whoever has not answered, then have them sent."""
    wave_reminder_writing.write(
        reading,
        work.transaction,
        uuid.UUID(work.arguments["reminder"]),
        now=utcnow,
        progress=work.progress,
    )


def send_mail(work: Work) -> None:
    """Send a wave's queued mail, or one mail to a user."""
    settings = state().settings
    sender = Sender(
        transport=transport_for(settings),
        link_key=settings.link_key,
        base_url=settings.base_url,
        address=settings.mail_sender,
        password_link=partial(
            users.password_link, base_url=settings.base_url, secret_key=settings.secret_key
        ),
    )
    # each message has a claim of its own, and one that has left is marked whoever has the job
    if "user_mail" in work.arguments:
        mail_id = uuid.UUID(work.arguments["user_mail"])
        mail_sending.send_to_user(transaction, mail_id, sender, now=utcnow)
    else:
        wave_id = uuid.UUID(work.arguments["wave"])
        mail_sending.send_due(transaction, wave_id, sender, now=utcnow, progress=work.progress)


def sever_wave(work: Work) -> None:
    """Sever a closed wave's anonymous answers from people, ask for its scores, wipe what was deleted."""
    wave_id, at = uuid.UUID(work.arguments["wave"]), utcnow()
    with reading() as session:
        severed_files.erase(session, waves.load(session, wave_id), state().store)
    with work.transaction() as session:
        wave = waves.load(session, wave_id)
        severing.sever(session, wave, at=at)
        waves.request_scores(session, wave, by=work.arguments["by"], at=at)
    vacuuming.vacuum(housekeeping, is_sqlite=db.engine.dialect.name == "sqlite")


def erase_unsent(work: Work) -> None:
    """Erase what people of a closed wave typed and never sent, once its time is over."""
    unsent.erase(
        reading,
        work.transaction,
        uuid.UUID(work.arguments["wave"]),
        state().store,
        kept=state().settings.unsent_kept,
        now=utcnow,
        progress=work.progress,
    )


def score_wave(work: Work) -> None:
    """Score a closed wave."""
    scoring_runs.score_wave(
        reading,
        work.transaction,
        uuid.UUID(work.arguments["wave"]),
        state().store,
        by=work.arguments["by"],
        at=utcnow(),
    )


def build_scorecard(work: Work) -> None:
    """Make a document's PDF."""
    scorecards.build(
        reading,
        work.transaction,
        uuid.UUID(work.arguments["scorecard"]),
        state().store,
        press(),
        at=utcnow(),
        progress=work.progress,
    )


def build_archive(work: Work) -> None:
    """Make every missing scorecard of a run, then the ZIP of all."""
    archives.build(
        reading,
        work.transaction,
        uuid.UUID(work.arguments["archive"]),
        state().store,
        press(),
        by=work.arguments["by"],
        now=utcnow,
        progress=work.progress,
    )


def try_scoring_rule(work: Work) -> None:
    """Find out what proposed weights or cuts would change."""
    what_if.try_out(
        reading,
        work.transaction,
        uuid.UUID(work.arguments["proposal"]),
        state().store,
        at=utcnow(),
    )


def list_questions(work: Work) -> None:
    """Make the PDFs of all of a wave's questions, one a language."""
    question_lists.build(
        reading,
        work.transaction,
        uuid.UUID(work.arguments["wave"]),
        state().store,
        pdf.write,
        at=utcnow(),
        progress=work.progress,
    )


def copy_answers(work: Work) -> None:
    """Make a respondent's own copy, which only they can fetch."""
    answer_copies.build(
        reading,
        work.transaction,
        uuid.UUID(work.arguments["copy"]),
        pdf.write_quietly,
        now=utcnow,
    )


KINDS: Final[Mapping[str, Callable[[Work], None]]] = MappingProxyType(
    {
        "launch-wave": launch_wave,
        "write-reminder": write_reminder,
        "send-mail": send_mail,
        "sever-wave": sever_wave,
        unsent.KIND: erase_unsent,
        "score-wave": score_wave,
        "build-scorecard": build_scorecard,
        "build-archive": build_archive,
        "try-scoring-rule": try_scoring_rule,
        "list-questions": list_questions,
        "copy-answers": copy_answers,
    }
)
