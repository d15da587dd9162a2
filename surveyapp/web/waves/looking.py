"""The look before a launch as pages show it: of many people kept for a minute, never what decides."""

import json
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from surveyapp.models.waves import Wave
from surveyapp.services import wave_checks
from surveyapp.services.coverage_summary import LARGE
from surveyapp.services.wave_checks import EXAMPLES, Check
from surveyapp.web import coverage_kept


@dataclass(frozen=True, slots=True)
class Look:
    """What a launch would do, and when that was counted."""

    check: Check
    counted_at: datetime

    @property
    def is_large(self) -> bool:
        """Whether so many people are named that counting them takes long."""
        return self.check.people + sum(self.check.left_off.values()) >= LARGE


def kept(session: Session, wave: Wave, *, at: datetime, is_stored: bool = True) -> Look:
    """Return what a launch would do, of a large wave as counted within the last minute.

    Kept by all that the wave itself says; an import meanwhile, or another wave's launch, is seen up
    to a minute late. A launch counts anew, and is refused when the number is another.
    """
    version = wave.questionnaire_version
    said = (wave.list_rule, wave.cuts, wave.guard_days, wave.minimum_people)
    key = (
        *("check", wave.programme_id, wave.id if is_stored else None, wave.slug, wave.view),
        *(version.questionnaire_id, version.version, version.sha256),
        *(wave.closes_at, wave.opens_at, json.dumps(said, sort_keys=True)),
    )
    return coverage_kept.figures(
        key, lambda: anew(session, wave, at=at), is_large=lambda made: made.is_large, at=at
    )


def anew(session: Session, wave: Wave, *, at: datetime) -> Look:
    """Return what a launch would do now."""
    check = wave_checks.look(session, wave, at=at)
    # a note may be about ten thousand relationships; named are the first few
    notes = tuple(
        replace(note, relationships=note.relationships[:EXAMPLES]) for note in check.notes
    )
    return Look(replace(check, notes=notes), at)
