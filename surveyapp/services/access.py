"""Who may do what: one table from role to actions, and which rows a role sees."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import NotFound
from surveyapp.models.accounts import Relationship
from surveyapp.models.people import Membership, Role, User
from surveyapp.models.programmes import Programme

Action = Literal[
    "programme.open",
    "results.read",
    "scorecards.read",
    "scorecards.request",
    "archives.read",
    "accounts.read",
    "accounts.edit",
    "accounts.import",
    "waves.read",
    "waves.edit",
    "waves.launch",
    "answers.read",
    "coverage.read",
    "mail.read",
    "mail.resend",
    "jobs.read",
    "jobs.retry",
    "members.read",
    "members.edit",
    "programme.edit",
    "scoring.read",
    "scoring.try",
    "scoring.edit",
]
_EVERYBODY: Final[frozenset[Action]] = frozenset({"programme.open"})
_READING: Final[frozenset[Action]] = frozenset(
    {
        "results.read",
        "scorecards.read",
        "archives.read",
        "accounts.read",
        "waves.read",
        "coverage.read",
        "mail.read",
        "jobs.read",
        "members.read",
    }
)
MAY: Final[Mapping[Role, frozenset[Action]]] = MappingProxyType(
    {
        Role.OWNER: _EVERYBODY
        | _READING
        | {
            "scorecards.request",
            "answers.read",
            "accounts.edit",
            "accounts.import",
            "waves.edit",
            "waves.launch",
            "mail.resend",
            "jobs.retry",
            "members.edit",
            "programme.edit",
            "scoring.read",
            "scoring.try",
            "scoring.edit",
        },
        Role.ANALYST: _EVERYBODY
        | _READING
        | {"scorecards.request", "answers.read", "scoring.read", "scoring.try"},
        Role.REVIEWER: _EVERYBODY | {"accounts.read", "waves.read", "answers.read"},
        Role.EXECUTIVE: _EVERYBODY
        | {"results.read", "scorecards.read", "archives.read", "accounts.read", "coverage.read"},
        # own relationships only: see own_relationships
        Role.RELATIONSHIP_MANAGER: _EVERYBODY
        | {"results.read", "scorecards.read", "accounts.read", "coverage.read"},
    }
)
"""The whole of what roles may do. docs/concepts.md shows it as a table; a test holds the two together."""
TOPICS: Final[Mapping[str, tuple[Action, ...]]] = MappingProxyType(
    {
        "read results and scorecards": ("results.read", "scorecards.read"),
        "take all scorecards of a wave at once": ("archives.read",),
        "have documents made": ("scorecards.request",),
        "see relationships and people": ("accounts.read",),
        "import and change them": ("accounts.edit", "accounts.import"),
        "see who has answered": ("coverage.read",),
        "see waves": ("waves.read",),
        "open files handed in with named answers": ("answers.read",),
        "write and launch waves": ("waves.edit", "waves.launch"),
        "see mail and jobs": ("mail.read", "jobs.read"),
        "send mail again, try jobs again": ("mail.resend", "jobs.retry"),
        "see members": ("members.read",),
        "change members and rules": ("members.edit", "programme.edit"),
        "see reference sets, try other weights and cuts": ("scoring.read", "scoring.try"),
        "approve these, import reference sets": ("scoring.edit",),
    }
)
"""The actions in words, for the table of roles on the members' page."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking, in which programme."""

    user_id: uuid.UUID
    name: str
    email: str
    programme_id: uuid.UUID
    role: Role

    @property
    def by(self) -> str:
        """How the audit trail names this person."""
        return f"user:{self.email}"

    @property
    def sees_all(self) -> bool:
        """Whether the role sees every relationship of the programme."""
        return sees_all(self.role)


def actor_in(session: Session, user: User, programme_slug: str) -> tuple[Actor, Programme]:
    """Return a user as a member of a programme, and the programme.

    Raises
    ------
    NotFound
        There is no such programme, or the user has no part in it: nobody learns which.
    """
    membership = session.scalars(
        select(Membership)
        .join(Membership.programme)
        .where(Programme.slug == programme_slug, Membership.user_id == user.id)
        .options(joinedload(Membership.programme))
    ).first()
    if membership is None:
        raise NotFound("There is no such page.")
    programme = membership.programme
    return Actor(user.id, user.name, user.email, programme.id, membership.role), programme


def sees_all(role: Role) -> bool:
    """Tell whether a role sees every relationship of the programme."""
    return role != Role.RELATIONSHIP_MANAGER


def is_allowed(actor: Actor, action: Action) -> bool:
    """Tell whether the asker's role may do this at all."""
    return action in MAY[actor.role]


def sees(session: Session, actor: Actor, relationship_id: uuid.UUID | None) -> bool:
    """Tell whether the asker sees a relationship of the programme; None stands for all of them."""
    if actor.sees_all or relationship_id is None:
        return actor.sees_all
    own = select(Relationship.id).where(
        Relationship.id == relationship_id, own_relationships(actor)
    )
    return session.scalars(own).first() is not None


def own_relationships(actor: Actor) -> ColumnElement[bool]:
    """Say which relationships of the programme the asker sees; a clause for queries on Relationship.

    A relationship manager sees those that name them, everybody else all.
    """
    return true() if actor.sees_all else Relationship.manager_id == actor.user_id
