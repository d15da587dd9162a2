"""A launched wave's invitations, written and sent as the worker does, at a time that is handed in."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import partial

from examples.outbox import read_links
from surveyapp.delivery.transports import transport_for
from surveyapp.extensions import reading, state, transaction
from surveyapp.services import mail_sending, users, wave_launches
from surveyapp.services.mail_messages import Sender


def invite(wave_id: uuid.UUID, *, at: datetime) -> Mapping[str, str]:
    """Write the invitations, open the wave, send the mail; return each recipient's link."""
    settings = state().settings
    wave_launches.invite_all(
        reading,
        transaction,
        wave_id,
        link_key=settings.link_key,
        now=lambda: at,
        progress=_nobody_looks,
    )
    before = set(settings.outbox.glob("*.eml"))
    mail_sending.send_due(transaction, wave_id, _sender(), now=lambda: at, progress=_nobody_looks)
    return read_links(set(settings.outbox.glob("*.eml")) - before)


def _sender() -> Sender:
    settings = state().settings
    return Sender(
        transport=transport_for(settings),
        link_key=settings.link_key,
        base_url=settings.base_url,
        address=settings.mail_sender,
        password_link=partial(
            users.password_link, base_url=settings.base_url, secret_key=settings.secret_key
        ),
    )


def _nobody_looks(_done: int, _of: int) -> None:
    """Progress that nobody is shown."""
