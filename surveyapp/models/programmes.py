"""Programme: the wall between customers' data."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Key, Name


class Programme(Base):
    """A measurement owned by a company. Every other tenant row carries its id."""

    __tablename__ = "programme"

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    """Short name for the command line and URLs: ``[a-z0-9-]``."""
    name: Mapped[Name]
    owner: Mapped[str] = mapped_column(String(300), default="")
    """The company that asks, as respondents read it; empty: the programme's name stands for it."""
    locale: Mapped[str] = mapped_column(String(16), default="en")
    data_note: Mapped[str] = mapped_column(String(300), default="")
    """Shown on every page and document when the data are a sample, an example or simulated."""
    guard_days: Mapped[int] = mapped_column(default=90)
    """Nobody is asked again within so many days, unless a wave says otherwise; 0 for no limit."""
    expected_functions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """For each side the functions every relationship should have somebody in."""
    minimum_confidential: Mapped[int] = mapped_column(default=3, server_default="3")
    """People a number of a confidential wave rests on; never under what the contract says."""
    minimum_suppliers: Mapped[int] = mapped_column(default=3, server_default="3")
    """Supplier organisations besides, where the buyer reads what suppliers said in confidence."""
    minimum_anonymous: Mapped[int] = mapped_column(default=5, server_default="5")
    minimum_comments: Mapped[int] = mapped_column(default=5, server_default="5")
    """People who wrote one, before comments given under a promise are shown word for word."""
    created_at: Mapped[datetime]

    @property
    def asker(self) -> str:
        """Who asks, in mails and at the head of respondents' pages."""
        return self.owner or self.name

    __table_args__ = (
        CheckConstraint("slug <> ''", name="slug_given"),
        CheckConstraint("guard_days >= 0", name="guard_not_negative"),
        CheckConstraint(
            "minimum_confidential >= 3 AND minimum_suppliers >= 3"
            " AND minimum_anonymous >= 5 AND minimum_comments >= 5",
            name="minimums_keep_the_contract",
        ),
    )
