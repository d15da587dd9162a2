"""Drafts of waves that nobody wants any more."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from surveyapp.models.mail import OutgoingMail
from surveyapp.models.reminders import MailText, Reminder
from surveyapp.models.waves import Wave
from surveyapp.services import audit, waves


def discard(session: Session, wave: Wave, *, by: str, at: datetime) -> None:
    """Delete a draft with its mail texts, planned reminders and test mails. Nobody was asked.

    Raises
    ------
    WaveStateError
        It is launched: what people were asked stays.
    """
    waves.hold(session, wave)
    wave.require_unlaunched()
    for model in (MailText, Reminder, OutgoingMail):
        session.execute(delete(model).where(model.wave_id == wave.id))
    subject = f"wave:{wave.slug}"
    session.delete(wave)
    session.flush()
    audit.record(session, wave.programme, "wave.discarded", subject=subject, by=by, at=at)
