"""Members of a programme: users with a role in it."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import Conflict, NotFound
from surveyapp.models.accounts import Relationship
from surveyapp.models.people import Membership, Role, User
from surveyapp.models.programmes import Programme
from surveyapp.services import audit, mail, users


@dataclass(frozen=True, slots=True)
class Member:
    """A user with the role they have in a programme."""

    user: User
    membership: Membership
    relationships: int
    """How many relationships name them as manager."""


def listed(session: Session, programme: Programme) -> list[Member]:
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


def find(session: Session, programme: Programme, user_id: uuid.UUID) -> Membership:
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


def invite(
    session: Session,
    programme: Programme,
    *,
    email: str,
    name: str,
    role: Role,
    by: str,
    at: datetime,
) -> Membership:
    """Give somebody a role by address; who has no account yet gets one and a mail to choose a password.

    Raises
    ------
    Invalid
        An address or name that cannot be used.
    Conflict
        The person has a role in the programme already.
    """
    user = users.by_email(session, email)
    if user is None:
        user = users.create(session, email=email, name=name, at=at)
    membership = join(session, programme, user, role, by=by, at=at)
    if not user.password_hash:
        mail.queue_for_user(
            session,
            user,
            step="set-password",
            programme=None,
            wave=None,
            locale=programme.locale,
            at=at,
        )
    return membership


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
