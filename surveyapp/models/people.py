"""People who sign in: users, the role each has in a programme, and their sessions."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import relationship as refers_to

from surveyapp.models.base import Base, Key, Name, Sha256, enum_by_value
from surveyapp.models.programmes import Programme


class Role(StrEnum):
    """What somebody is in a programme; ``services.access`` says what each may do."""

    OWNER = "programme owner"
    ANALYST = "analyst"
    REVIEWER = "reviewer"
    EXECUTIVE = "executive"
    RELATIONSHIP_MANAGER = "relationship manager"


class User(Base):
    """A person with a password. What they see follows from their memberships."""

    __tablename__ = "user_account"  # "user" is a word of SQL

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[Name]
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    """Argon2id with its parameters; empty until the invited person chose a password."""
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("email = lower(email)", name="email_in_lower_case"),)


class Membership(Base):
    """A user's role in one programme."""

    __tablename__ = "membership"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(User.id))
    role: Mapped[Role] = mapped_column(enum_by_value(Role))
    created_at: Mapped[datetime]

    programme: Mapped[Programme] = refers_to(lazy="raise")
    user: Mapped[User] = refers_to(lazy="raise")

    __table_args__ = (UniqueConstraint("programme_id", "user_id"), Index(None, "user_id"))


class LoginSession(Base):
    """One browser that signed in. The cookie holds the token, the row its hash."""

    __tablename__ = "login_session"

    id: Mapped[Key]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(User.id))
    token_hash: Mapped[Sha256] = mapped_column(unique=True)
    browser: Mapped[str] = mapped_column(String(200), default="")
    """What the browser calls itself, so that people know their devices apart."""
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = refers_to(lazy="raise")

    __table_args__ = (Index(None, "user_id"),)
