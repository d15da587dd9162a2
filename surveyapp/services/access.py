"""Who may do what. In this release the key to a programme's results is a signed link; accounts follow."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from surveyapp.errors import NotFound
from surveyapp.models.programmes import Programme

Action = Literal["results.read", "scorecards.read", "scorecards.request"]
LINK_LASTS: Final = timedelta(hours=12)
_SALT: Final = "surveyapp/console-link/1"
_LINK_MAY: Final[frozenset[Action]] = frozenset(
    {"results.read", "scorecards.read", "scorecards.request"}
)


class LinkExpired(NotFound):
    """The link was genuine once; its time is over."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking: what they may do, and inside which programme."""

    programme_id: uuid.UUID
    may: frozenset[Action]


def is_allowed(actor: Actor | None, action: Action) -> bool:
    """Tell whether the asker may do this at all; None is a stranger, who may do nothing."""
    return actor is not None and action in actor.may


def make_link(programme: Programme, *, base_url: str, secret_key: bytes) -> str:
    """Make the address that opens a programme's results for the next twelve hours."""
    token = _serializer(secret_key).dumps(programme.id.hex)
    return f"{base_url}/open/{token}"


def read_link(token: str, *, secret_key: bytes) -> uuid.UUID:
    """Return the id of the programme a link opens.

    Raises
    ------
    LinkExpired
        It is older than twelve hours.
    NotFound
        Nobody here made it.
    """
    try:
        found = _serializer(secret_key).loads(token, max_age=int(LINK_LASTS.total_seconds()))
        return uuid.UUID(hex=found)
    except SignatureExpired as error:
        raise LinkExpired("This link was good for 12 hours. Make a new one.") from error
    except BadSignature as error:
        raise NotFound("There is no such link.") from error


def remember(programme: Programme, *, at: datetime) -> dict[str, str | int]:
    """Make what the browser's signed cookie holds once a link was opened."""
    return {"programme": programme.id.hex, "until": int((at + LINK_LASTS).timestamp())}


def actor_from(remembered: Mapping[str, Any] | None, *, at: datetime) -> Actor | None:
    """Return who the cookie says is asking; None when it says nothing or its time is over."""
    if remembered is None or datetime.fromtimestamp(remembered["until"], UTC) <= at:
        return None
    return Actor(programme_id=uuid.UUID(hex=remembered["programme"]), may=_LINK_MAY)


def _serializer(secret_key: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt=_SALT)
