"""A wave that promises anonymity: people, what they answered, and the job that keeps the promise."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from surveyapp.clock import utcnow
from surveyapp.extensions import reading, state, transaction
from surveyapp.models.accounts import Function
from surveyapp.services import severing, wave_launches, waves
from tests import factories
from tests.services.scored import RATINGS, hand_in

People = Mapping[str, Sequence[Function]]
"""By buyer the functions of those asked; they are called "Aldermere 0", "Aldermere 1" ..."""
SOME: People = {
    "Aldermere": [*[Function.PROCUREMENT] * 5, Function.LEGAL],
    "Brook": [Function.PROCUREMENT] * 2,
    "Cask": [Function.PROCUREMENT] * 3,
}


def open_wave(
    people: People = SOME, *, anonymity: str = "anonymous", changes: Mapping[str, Any] | None = None
) -> uuid.UUID:
    """Launch a wave among these people and write its list."""
    at = utcnow()
    with transaction() as session:
        programme = factories.make_programme(session, at=at)
        supplier = factories.make_organisation(session, programme, "Kestrin", at=at)
        for buyer, functions in people.items():
            organisation = factories.make_organisation(session, programme, buyer, at=at)
            relationship = factories.make_relationship(session, organisation, supplier, at=at)
            for number, function in enumerate(functions):
                contact = factories.make_contact(session, organisation, f"{buyer} {number}", at=at)
                factories.make_part(session, contact, relationship, function=function, at=at)
        survey = factories.annual_survey({"anonymity": anonymity, **(changes or {})})
        wave = factories.make_wave(session, programme, survey, at=at)
        waves.launch(session, wave, by="test", at=at)
    wave_launches.invite_all(
        reading,
        transaction,
        wave.id,
        link_key=state().settings.link_key,
        now=utcnow,
        progress=lambda _done, _total: None,
    )
    return wave.id


def answer(wave_id: uuid.UUID, name: str, *ratings: int) -> None:
    """Send somebody's ratings, the last one repeated for the rest."""
    row = [*ratings, *([ratings[-1]] * (len(RATINGS) - len(ratings)))]
    hand_in(wave_id, name, dict(zip(RATINGS, row, strict=True)))


def close(wave_id: uuid.UUID) -> None:
    """Close the wave; its job is left to whoever carries it out."""
    with transaction() as session:
        waves.close(session, waves.load(session, wave_id), by="test", at=utcnow())


def sever(wave_id: uuid.UUID) -> None:
    """Do what the job does inside its transaction."""
    with transaction() as session:
        severing.sever(session, waves.load(session, wave_id), at=utcnow())


def severed(
    people: People = SOME, *, answered: Sequence[str], anonymity: str = "anonymous"
) -> uuid.UUID:
    """A wave in which these have answered, each with ratings of their own, closed and severed."""
    wave_id = open_wave(people, anonymity=anonymity)
    for number, name in enumerate(answered):
        answer(wave_id, name, 1 + number % 5, 4)
    close(wave_id)
    sever(wave_id)
    return wave_id
