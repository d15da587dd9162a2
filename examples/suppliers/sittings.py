"""A wave's people at their links: who answers when, page by page, through the services of the pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import numpy as np
from sqlalchemy import select

from examples.stage import CannotPlay
from examples.suppliers import answering
from examples.suppliers.people import SEED, Part
from examples.suppliers.truth import Truth
from surveyapp.extensions import reading, transaction
from surveyapp.models.accounts import Contact, Organisation, Relationship
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.waves import Wave
from surveyapp.questionnaires import catalogue
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.services import invitations, responses, submissions

_OFFICE_OPENS, _OFFICE_HOURS = time(7, 0), 10
_GAP = timedelta(minutes=2)
"""Between two questionnaires of one sitting."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One person with a link, and what they answer about whom."""

    email: str
    starts_at: datetime
    asked: tuple[tuple[str, Part], ...]
    """The name in the address of each questionnaire they answer, and their part in it."""


def play(
    wave: Wave,
    parts: Sequence[Part],
    truths: Mapping[str, Truth],
    *,
    number: int,
    links: Mapping[str, str],
    done: Callable[[int, int], None],
) -> int:
    """Let everybody answer who does, in the order of time; return how many questionnaires were sent."""
    asked = catalogue.find(wave.questionnaire_version.questionnaire_id)
    sittings = _sittings(wave, number, parts, truths)
    sent = 0
    for count, sitting in enumerate(sittings, start=1):
        _sit(sitting, asked, wave, number, truths, link=links[sitting.email])
        sent += len(sitting.asked)
        done(count, len(sittings))
    return sent


def _sittings(
    wave: Wave, number: int, parts: Sequence[Part], truths: Mapping[str, Truth]
) -> list[Sitting]:
    by_place = {(part.email, part.vendor): part for part in parts}
    query = (
        select(Contact.email, Organisation.reference, Assignment.slug)
        .join(Invitation, Invitation.contact_id == Contact.id)
        .join(Assignment, Assignment.invitation_id == Invitation.id)
        .join(Relationship, Relationship.id == Assignment.relationship_id)
        .join(Organisation, Organisation.id == Relationship.supplier_id)
        .where(Assignment.wave_id == wave.id)
    )
    with reading() as session:
        asked = session.execute(query).all()
    found: dict[str, list[tuple[str, Part]]] = {}
    for email, vendor, slug in asked:
        part = by_place[email, vendor]
        if vendor in truths and answering.has_answered(part, truths[vendor], number):
            found.setdefault(email, []).append((slug, part))
    sittings = [
        Sitting(email, _start(wave, email), tuple(sorted(theirs, key=lambda each: each[1].vendor)))
        for email, theirs in found.items()
    ]
    return sorted(sittings, key=lambda sitting: sitting.starts_at)


def _start(wave: Wave, email: str) -> datetime:
    """Some moment in office hours while the wave is open."""
    rng = np.random.default_rng([SEED, *wave.slug.encode(), *email.encode()])
    first = (wave.opened_at or wave.created_at).date()
    days = (wave.last_day - first).days
    day = first + timedelta(days=int(rng.integers(1, days)))
    return datetime.combine(day, _OFFICE_OPENS, UTC) + timedelta(
        hours=_OFFICE_HOURS * float(rng.random())
    )


def _sit(
    sitting: Sitting,
    asked: Questionnaire,
    wave: Wave,
    number: int,
    truths: Mapping[str, Truth],
    *,
    link: str,
) -> None:
    """Open the link, press Start, save page after page, send."""
    at = sitting.starts_at
    with transaction() as session:
        invitations.start(session, link.rpartition("/")[2], at=at)
        for slug, part in sitting.asked:
            for page in answering.pages(
                asked, part, truths[part.vendor], view=wave.view, wave=number
            ):
                at += page.took
                responses.save_section(
                    session, slug, page.section_id, page.answers, version=0, at=at
                )
            submitted = submissions.submit(session, slug, at=at)
            if submitted.missing:
                missing = ", ".join(each.id for each in submitted.missing)
                raise CannotPlay(f"{part.email} was not asked everything: {missing} is missing.")
            at += _GAP
