"""Who is asked in the first scene of F14, what they answer on the web, and how the wave ends."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from scipy import stats
from sqlalchemy import select

from benchmarks import f14_copies
from benchmarks.stage import Browser, Stage, is_acknowledged
from surveyapp.clock import utcnow
from surveyapp.extensions import db, housekeeping, reading, state
from surveyapp.jobs import worker
from surveyapp.models.accounts import Contact, Function
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.services import links, wave_reminder_lists, waves
from surveyapp.services.wave_reminder_lists import EVERYBODY
from tests.services import severed_world
from tests.services.wave_world import mail_all

_COPIED: Final = 6
"""So many of those who answered have a PDF made of it."""
SURE: Final = 0.001
"""An order that chance gives less often than this gives something away."""
FEW: Final = 5
DRAFT: Final = "typed and never sent by "
SENT: Final = "remark of "
PLACE: Final = {"contact": 0, "invitation": 1, "assignment": 2}
"""Where a person's id for a table, or for a column that names one, stands in ``Person.ids``."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody asked, as the attacker knows them before the close."""

    name: str
    relationship_id: uuid.UUID
    contact_id: uuid.UUID
    invitation_id: uuid.UUID
    assignment_id: uuid.UUID
    slug: str
    token: str

    @property
    def ids(self) -> tuple[uuid.UUID, ...]:
        """What the database knows them by."""
        return self.contact_id, self.invitation_id, self.assignment_id


@dataclass(frozen=True, slots=True)
class Scene:
    """Who was asked, and who answered, in order."""

    people: Sequence[Person]
    answered: Sequence[Person]

    reminded: Sequence[uuid.UUID]
    """Invitations that a reminder would have gone to."""

    copies: Sequence[bytes]
    """The PDFs that some had made of their own answers."""

    def is_answered(self) -> dict[uuid.UUID, bool]:
        """Return by each of a person's ids whether they answered."""
        spoke = {person.name for person in self.answered}
        return {each: person.name in spoke for person in self.people for each in person.ids}

    def side_of(self, there: set[uuid.UUID], place: int) -> str:
        """Name the side that a group of people leans to as chance would not have it; else nothing."""
        spoke = self.is_answered()
        everybody = {person.ids[place] for person in self.people}
        table = [
            [sum(spoke[each] is side for each in group) for side in (True, False)]
            for group in (there, everybody - there)
        ]
        if len(there) < FEW or stats.fisher_exact(table).pvalue >= SURE:
            return ""
        return "those who answered" if table[0][0] > table[0][1] else "those who did not"


def play(stage: Stage, people: int) -> Scene:
    """Ask, let two of three answer and some begin, close, and let the worker keep the promise."""
    functions = {"Aldermere": [Function.PROCUREMENT] * people, "Brook": [Function.IT] * 2}
    functions |= {"Cask": [*[Function.LEGAL] * 5, Function.IT]}
    wave_id = severed_world.open_wave(functions)
    mail_all(wave_id)
    asked = _people(wave_id)
    answered = [person for number, person in enumerate(asked) if number % 3]
    stage.start_pages(workers=1)
    for person in answered:
        _answer(stage, person, sends=True)
    for person in asked[::3][:5]:
        _answer(stage, person, sends=False)
    reminded = _reminded(wave_id)
    copies = f14_copies.make(stage, [(each.token, each.slug) for each in answered[:_COPIED]])
    _sample()
    severed_world.close(wave_id)
    while worker.tick():
        pass
    return Scene(asked, answered, reminded, copies)


def _reminded(wave_id: uuid.UUID) -> Sequence[uuid.UUID]:
    with reading() as session:
        wave = waves.load(session, wave_id)
        at = utcnow() + timedelta(days=2)
        return session.scalars(
            wave_reminder_lists.to_remind(wave, EVERYBODY, step="reminder-1", at=at)
        ).all()


def _sample() -> None:
    """Let the planner take its samples while the answers are there, as it does by itself."""
    if db.engine.dialect.name == "postgresql":
        with housekeeping() as carry_out:
            carry_out("ANALYZE")


def _people(wave_id: uuid.UUID) -> list[Person]:
    with reading() as session:
        rows = session.execute(
            select(Assignment, Invitation, Contact)
            .join(Invitation, Invitation.id == Assignment.invitation_id)
            .join(Contact, Contact.id == Invitation.contact_id)
            .where(Invitation.wave_id == wave_id)
            .order_by(Contact.name)
        )
        return [
            Person(
                contact.name,
                assignment.relationship_id,
                contact.id,
                invitation.id,
                assignment.id,
                assignment.slug,
                links.token_for(invitation.id, 1, link_key=state().settings.link_key),
            )
            for assignment, invitation, contact in rows
        ]


def _answer(stage: Stage, person: Person, *, sends: bool) -> None:
    browser = Browser(stage.url)
    browser.begin(f"/r/{person.token}")
    path = f"/r/{person.slug}"
    if sends:
        browser.save(
            f"{path}/overall",
            browser.token(f"{path}/overall"),
            overall_satisfaction="4",
            would_recommend=str(1 + len(person.name) % 5),
            would_repurchase="3",
        )
    words = (SENT if sends else DRAFT) + person.name
    browser.save(f"{path}/terms", browser.token(f"{path}/terms"), change_first=words)
    if sends:
        form = {"page_token": browser.token(f"{path}/review")}
        if not is_acknowledged(browser.post(f"{path}/submit", form)):
            raise RuntimeError(f"The answers of {person.name} were not taken.")
    browser.close()
