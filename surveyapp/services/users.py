"""Users: made, named, their passwords set by link and changed, their accounts shut and opened."""

import uuid
from datetime import datetime, timedelta
from typing import Final

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, Invalid, NotFound
from surveyapp.models.people import User
from surveyapp.services import account_cells as cells
from surveyapp.services import passwords, sessions

LINK_LASTS: Final = timedelta(days=3)
"""How long a link to choose a password works."""
_SALT: Final = "surveyapp/set-password/1"
_PRODUCT: Final = "surveyapp"


def create(session: Session, *, email: str, name: str, at: datetime) -> User:
    """Make an account without a password: a link lets its owner choose one.

    Raises
    ------
    Invalid
        An address or name that cannot be used.
    Conflict
        There is an account with that address.
    """
    address, called = _address(email), _name(name)
    if by_email(session, address) is not None:
        raise Conflict(f"There already is an account for {address}.")
    user = User(id=uuid.uuid4(), email=address, name=called, created_at=at)
    session.add(user)
    session.flush()
    return user


def by_email(session: Session, email: str) -> User | None:
    """Return the account with that address, whatever case it is written in."""
    return session.scalars(select(User).where(User.email == email.strip().lower())).first()


def find(session: Session, email: str) -> User:
    """Return the account with that address. Raises NotFound."""
    user = by_email(session, email)
    if user is None:
        raise NotFound(f"There is no account for {email}. Make it: surveyapp users create")
    return user


def listed(session: Session) -> list[User]:
    """Return every account of this installation, for its operator."""
    return list(session.scalars(select(User).order_by(User.email)))


def rename(session: Session, user: User, *, name: str) -> None:
    """Change how a user is called. Raises Invalid."""
    found = session.get_one(User, user.id)
    found.name = _name(name)
    session.flush()


def check_password(user: User, password: str) -> None:
    """Refuse a password this user may not choose. Raises Invalid."""
    local, _, domain = user.email.partition("@")
    passwords.check(password, about=[_PRODUCT, user.email, local, domain, *user.name.split()])


def set_password(session: Session, user: User, password_hash: str, *, at: datetime) -> None:
    """Keep a new password, hashed before, and sign the user out everywhere else."""
    found = session.get_one(User, user.id)
    found.password_hash = password_hash
    sessions.end_all(session, user.id, at=at)
    session.flush()


def disable(session: Session, user: User, *, at: datetime) -> None:
    """Shut an account: nobody signs in with it any more, and whoever is signed in is out."""
    session.get_one(User, user.id).disabled_at = at
    sessions.end_all(session, user.id, at=at)
    session.flush()


def enable(session: Session, user: User) -> None:
    """Open a shut account again."""
    session.get_one(User, user.id).disabled_at = None
    session.flush()


def password_link(user: User, *, base_url: str, secret_key: bytes) -> str:
    """Make the address at which a user chooses a password: good for three days, and once."""
    token = _serializer(user, secret_key).dumps(user.id.hex)
    return f"{base_url}/set-password/{user.id}/{token}"


def of_password_link(
    session: Session, user_id: uuid.UUID, token: str, *, secret_key: bytes
) -> User:
    """Return whose password a link sets.

    Raises
    ------
    NotFound
        Nobody here made it, it is too old, or it was used.
    """
    user = session.get(User, user_id)
    try:
        if user is None or user.disabled_at is not None:
            raise NotFound("This link is not known here.")
        found = _serializer(user, secret_key).loads(token, max_age=int(LINK_LASTS.total_seconds()))
    except BadSignature as error:
        raise NotFound("This link was used or is too old. Ask for a new one.") from error
    if found != user.id.hex:
        raise NotFound("This link is not known here.")
    return user


def _serializer(user: User, secret_key: bytes) -> URLSafeTimedSerializer:
    # the password's own hash is part of the key: once it changes, earlier links are worth nothing
    return URLSafeTimedSerializer(secret_key, salt=f"{_SALT}/{user.password_hash}")


def _address(email: str) -> str:
    try:
        return cells.email(email.strip()).lower()
    except ValueError as error:
        raise Invalid(str(error)) from error


def _name(name: str) -> str:
    called = " ".join(name.split())
    if not called:
        raise Invalid("A person needs a name. Write first and last name.")
    try:
        return str(cells.text(300)(called))
    except ValueError as error:
        raise Invalid(str(error)) from error
