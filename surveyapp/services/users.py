"""Users: made, invited, their passwords set and changed, their roles in programmes."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import Conflict, Invalid, NotFound
from surveyapp.models.accounts import Relationship
from surveyapp.models.people import Membership, Role, User
from surveyapp.models.programmes import Programme
from surveyapp.services import account_cells as cells
from surveyapp.services import audit, passwords, sessions

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
    return f"{base_url}/set-password/{user.id.hex}/{token}"


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


@dataclass(frozen=True, slots=True)
class Member:
    """A user with the role they have in a programme."""

    user: User
    membership: Membership
    relationships: int
    """How many relationships name them as manager."""


def members(session: Session, programme: Programme) -> list[Member]:
    """Return everybody with a role in the programme, by name."""
    managed = (
        select(Relationship.manager_id, func.count().label("n"))
        .where(Relationship.programme_id == programme.id, Relationship.manager_id.is_not(None))
        .group_by(Relationship.manager_id)
        .subquery()
    )
    rows = session.execute(
        select(Membership, func.coalesce(managed.c.n, 0))
        .join(Membership.user)
        .outerjoin(managed, managed.c.manager_id == Membership.user_id)
        .where(Membership.programme_id == programme.id)
        .options(joinedload(Membership.user))
        .order_by(func.lower(User.name), User.email)
    )
    return [Member(membership.user, membership, count) for membership, count in rows]


def member(session: Session, programme: Programme, user_id: uuid.UUID) -> Membership:
    """Return somebody's part in the programme. Raises NotFound."""
    found = session.scalars(
        select(Membership)
        .where(Membership.programme_id == programme.id, Membership.user_id == user_id)
        .options(joinedload(Membership.user))
    ).first()
    if found is None:
        raise NotFound("There is no such member.")
    return found


def programmes_of(session: Session, user: User) -> list[Membership]:
    """Return the programmes a user has a role in, by name."""
    return list(
        session.scalars(
            select(Membership)
            .join(Membership.programme)
            .where(Membership.user_id == user.id)
            .options(joinedload(Membership.programme))
            .order_by(func.lower(Programme.name), Programme.slug)
        )
    )


def join(
    session: Session, programme: Programme, user: User, role: Role, *, by: str, at: datetime
) -> Membership:
    """Give a user a role in a programme. Raises Conflict when they have one."""
    exists = session.scalars(
        select(Membership.id).where(
            Membership.programme_id == programme.id, Membership.user_id == user.id
        )
    ).first()
    if exists:
        raise Conflict(f"{user.email} already has a role in {programme.name}. Change that one.")
    made = Membership(programme_id=programme.id, user_id=user.id, role=role, created_at=at)
    session.add(made)
    session.flush()
    audit.record(
        session, programme, "member.joined", subject=user.email, by=by, at=at, role=role.value
    )
    return made


def change_role(
    session: Session,
    programme: Programme,
    membership: Membership,
    role: Role,
    *,
    by: str,
    at: datetime,
) -> None:
    """Change what somebody is in a programme. Raises Conflict when it would have no owner left."""
    if membership.role == role:
        return
    _require_other_owner(session, programme, membership)
    was, membership.role = membership.role, role
    session.flush()
    audit.record(
        session,
        programme,
        "member.role_changed",
        subject=membership.user.email,
        by=by,
        at=at,
        was=was.value,
        role=role.value,
    )


def leave(
    session: Session, programme: Programme, membership: Membership, *, by: str, at: datetime
) -> None:
    """Take somebody out of a programme; the relationships they managed have no manager then."""
    _require_other_owner(session, programme, membership)
    for relationship in session.scalars(
        select(Relationship).where(
            Relationship.programme_id == programme.id,
            Relationship.manager_id == membership.user_id,
        )
    ):
        relationship.manager_id = None
    session.flush()
    session.delete(membership)
    session.flush()
    audit.record(session, programme, "member.left", subject=membership.user.email, by=by, at=at)


def _require_other_owner(session: Session, programme: Programme, membership: Membership) -> None:
    audit.take_turn(session, programme.id)  # two owners must not each remove the other
    others = session.scalar(
        select(func.count()).where(
            Membership.programme_id == programme.id,
            Membership.role == Role.OWNER,
            Membership.user_id != membership.user_id,
        )
    )
    if membership.role == Role.OWNER and not others:
        raise Conflict(
            f"{membership.user.name} is the last programme owner of {programme.name}."
            " Make somebody else an owner first."
        )


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
