"""Sessions of signed-in browsers: rows with limits, so that any of them can be ended from anywhere."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Update, and_, delete, select, update
from sqlalchemy.orm import Session, joinedload

from surveyapp.models.people import LoginSession, User

IDLE: Final = timedelta(hours=2)
"""Unused for so long, a session is over."""
LASTS: Final = timedelta(hours=12)
"""So long after signing in it is over in any case."""
_KEPT: Final = timedelta(days=30)
"""So long a session that is over can still be looked up; the next time its user signs in it goes."""
_TOUCH_EVERY: Final = timedelta(minutes=5)
"""How exactly ``last_seen_at`` is kept: a write for every page would hold others up."""


def begin(session: Session, user: User, *, browser: str, at: datetime) -> tuple[LoginSession, str]:
    """Sign a browser in; return the row and the token for its cookie, which is stored nowhere."""
    session.execute(
        delete(LoginSession).where(
            LoginSession.user_id == user.id, LoginSession.created_at < at - LASTS - _KEPT
        )
    )
    token = secrets.token_urlsafe(32)
    row = LoginSession(
        user_id=user.id,
        token_hash=_hash(token),
        browser=browser[:200],
        created_at=at,
        last_seen_at=at,
    )
    session.add(row)
    session.flush()
    return row, token


def find(session: Session, token: str, *, at: datetime) -> LoginSession | None:
    """Return the session of a cookie, its user loaded; None when it is over or was ended."""
    return session.scalars(
        select(LoginSession)
        .join(LoginSession.user)
        .where(LoginSession.token_hash == _hash(token), _is_live(at), User.disabled_at.is_(None))
        .options(joinedload(LoginSession.user))
    ).first()


def needs_touch(row: LoginSession, *, at: datetime) -> bool:
    """Tell whether the time it was last used should be written down anew."""
    return at - row.last_seen_at >= _TOUCH_EVERY


def touch(session: Session, session_id: uuid.UUID, *, at: datetime) -> None:
    """Write down that the session is in use."""
    session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.ended_at.is_(None))
        .values(last_seen_at=at)
    )


def end(session: Session, session_id: uuid.UUID, *, at: datetime) -> None:
    """Sign one browser out."""
    session.execute(_ended(LoginSession.id == session_id, at))


def end_all(
    session: Session, user_id: uuid.UUID, *, at: datetime, but: uuid.UUID | None = None
) -> None:
    """Sign a user out everywhere, or everywhere but here."""
    which = LoginSession.user_id == user_id
    if but is not None:
        which = and_(which, LoginSession.id != but)
    session.execute(_ended(which, at))


def of_user(session: Session, user_id: uuid.UUID, *, at: datetime) -> list[LoginSession]:
    """Return a user's live sessions, the one used last first."""
    return list(
        session.scalars(
            select(LoginSession)
            .where(LoginSession.user_id == user_id, _is_live(at))
            .order_by(LoginSession.last_seen_at.desc(), LoginSession.id)
        )
    )


def _is_live(at: datetime) -> ColumnElement[bool]:
    return and_(
        LoginSession.ended_at.is_(None),
        LoginSession.last_seen_at > at - IDLE,
        LoginSession.created_at > at - LASTS,
    )


def _ended(which: ColumnElement[bool], at: datetime) -> Update:
    return update(LoginSession).where(which, LoginSession.ended_at.is_(None)).values(ended_at=at)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
