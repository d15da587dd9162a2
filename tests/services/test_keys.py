"""Keys of rows written by the ten thousand follow the time."""

import uuid
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from surveyapp.extensions import reading
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.keys import ordered_key
from surveyapp.models.mail import OutgoingMail
from tests.factories import AT
from tests.services.wave_world import draft, launch


def test_keys_are_of_version_7_and_sort_by_the_time() -> None:
    keys = [ordered_key(AT + timedelta(milliseconds=number)) for number in range(1000)]
    assert keys == sorted(keys)
    assert {(key.version, key.variant) for key in keys} == {(7, uuid.RFC_4122)}
    assert {key.int >> 80 for key in keys[:1]} == {int(AT.timestamp() * 1000)}
    assert len({ordered_key(AT) for _ in range(1000)}) == 1000


def test_every_row_of_a_launch_has_such_a_key(app: Flask) -> None:
    launch(draft("Ann", "Bo", "Cleo"))
    with reading() as session:
        keys = [
            key
            for column in (Invitation.id, Assignment.id, OutgoingMail.id)
            for key in session.scalars(select(column))
        ]
    assert len(set(keys)) == 9
    assert {key.version for key in keys} == {7}
