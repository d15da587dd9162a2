"""What the coverage pages share: what the asker sees, the first page's figures, rows of the silent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import (
    access,
    coverage_promise,
    coverage_relationships,
    coverage_reminders,
    coverage_silence,
    coverage_summary,
    wave_people,
)
from surveyapp.services.coverage_promise import Sight
from surveyapp.services.coverage_relationships import Covered, Heard, Narrowing
from surveyapp.services.coverage_reminders import Chosen, Preview, Whom
from surveyapp.services.coverage_silence import Step
from surveyapp.services.coverage_summary import LARGE, Summary
from surveyapp.web import coverage_kept, coverage_words, guards
from surveyapp.web.navigation import Entry
from surveyapp.web.waves import pages

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Silent:
    """A silent relationship, what is seen of it and what to do next."""

    covered: Covered
    seen: str
    step: Step


@dataclass(frozen=True, slots=True)
class First:
    """What the first page says."""

    summary: Summary
    silent: Sequence[Silent]
    """The dearest few."""
    silent_total: int
    can_remind: bool
    """Whether the asker may send a reminder, and one may go now."""
    reminder: Preview | None
    """Whom one to everybody would reach; None: nobody may send it, or counting takes too long here."""
    left_off: int

    @property
    def is_large(self) -> bool:
        """Whether counting takes long."""
        return self.summary.is_large


def tabs(wave: Wave) -> list[Entry]:
    """Return the pages about the wave, coverage being the one that is open."""
    return [
        replace(entry, is_current=entry.url.endswith("/coverage")) for entry in pages.tabs(wave)
    ]


def sight_of(session: Session, wave: Wave, actor: access.Actor, *, at: datetime) -> Sight:
    """Return the wave as the asker may see it, with all that its promise hides."""
    sight = coverage_promise.sight_of(wave, actor)
    hiding = coverage_kept.figures(
        ("hiding", wave.id, _eyes(actor), wave.state),
        lambda: coverage_promise.hiding(session, sight),
        # while people are still being added, what must be hidden changes
        is_large=lambda hiding: hiding.parts >= LARGE and wave.state != WaveState.LAUNCHING,
        at=at,
    )
    return replace(sight, hiding=hiding)


def first_page(session: Session, sight: Sight, *, at: datetime) -> First:
    """Return the first page's figures; of a large wave those of the last minute, if there are any."""
    wave, may_remind = sight.wave, guards.may("waves.launch")
    key = ("first", wave.id, _eyes(guards.actor()), may_remind, wave.state, wave.closes_at)
    return coverage_kept.figures(
        key,
        lambda: _first_page(session, sight, may_remind=may_remind, at=at),
        is_large=lambda first: first.is_large,
        at=at,
    )


def silent_rows(session: Session, sight: Sight, rows: Sequence[Covered]) -> list[Silent]:
    """Say of each silent relationship what is seen and what to do."""
    seen = coverage_silence.look(session, sight, [row.relationship_id for row in rows])
    has_reminded = coverage_silence.has_reminded(session, sight)
    return [
        Silent(
            covered=row,
            seen=coverage_words.seen(seen[row.relationship_id], row),
            step=coverage_silence.next_step(
                row, seen[row.relationship_id], sight, has_reminded=has_reminded
            ),
        )
        for row in rows
    ]


def _first_page(session: Session, sight: Sight, *, may_remind: bool, at: datetime) -> First:
    page = coverage_relationships.page(
        session,
        sight,
        Narrowing(heard=Heard.SILENT),
        order=coverage_relationships.BY_VALUE,
        number=1,
    )
    summary = coverage_summary.look(session, sight, at=at)
    can_remind = may_remind and sight.wave.accepts_answers(at) and summary.way.open > 0
    reminder = None
    if can_remind and not summary.is_large:
        reminder = coverage_reminders.preview(session, sight, Chosen(Whom.ALL), at=at)
    # others' people are not a relationship manager's to count
    left_off = sum(wave_people.left_off(session, sight.wave).values()) if sight.sees_all else 0
    return First(
        summary=summary,
        silent=silent_rows(session, sight, page.rows[:_SHOWN]),
        silent_total=page.total,
        can_remind=can_remind,
        reminder=reminder,
        left_off=left_off,
    )


def _eyes(actor: access.Actor) -> object:
    """Return what makes two askers see the same: everything, or the relationships of one manager."""
    return "all" if actor.sees_all else actor.user_id
