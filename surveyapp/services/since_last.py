"""What happened since people were last asked: written by the owner, read on the start page and in mail."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from surveyapp.errors import Conflict
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import wave_rows
from surveyapp.services.editing import wrong
from surveyapp.services.mail_text_checks import has_hidden

LONGEST: Final = 2000


def write(session: Session, wave: Wave, text: str, *, by: str, at: datetime) -> None:
    """Keep the text for everybody who opens the link from now on; empty takes it away.

    Raises
    ------
    Invalid
        Too long, or with characters nobody can see.
    Conflict
        The wave is closed: nobody reads it any more.
    """
    wave_rows.hold(session, wave)
    if wave.state is WaveState.CLOSED:
        raise Conflict(f"Wave {wave.slug} is closed: nobody reads it any more.")
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > LONGEST:
        raise wrong("text", f"This has {len(text)} characters. At most {LONGEST} are shown.")
    if has_hidden(text):
        raise wrong(
            "text", "This has characters nobody can see. Type it anew instead of pasting it."
        )
    if text == wave.since_last:
        return
    wave.since_last = text
    session.flush()
    programme = wave_rows.programme_of(session, wave)
    wave_rows.record(session, programme, wave, "wave.since_last_written", by=by, at=at)
