"""What every model shares: naming of constraints, UTC times, enums by value, keys made in Python."""

import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import JSON, Dialect, Enum, MetaData, String, TypeDecorator, Uuid
from sqlalchemy import DateTime as SqlDateTime
from sqlalchemy.orm import DeclarativeBase, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python on both databases: SQLite drops the zone, PostgreSQL shows the session's."""

    impl = SqlDateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 signature of the base class
        """Refuse naive times: nobody can say afterwards which zone was meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone. Pass an aware datetime.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 signature of the base class
        """Give the zone back that SQLite dropped."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_by_value(enum: type[StrEnum]) -> Enum:
    """Store the value, not the Python name, and leave room for longer states later."""
    return Enum(
        enum,
        native_enum=False,
        length=32,
        validate_strings=True,
        values_callable=lambda members: [member.value for member in members],
        create_constraint=False,
    )


Key = Annotated[uuid.UUID, mapped_column(Uuid(), primary_key=True, default=uuid.uuid4)]
Name = Annotated[str, mapped_column(String(300))]
Sha256 = Annotated[str, mapped_column(String(64))]


class Base(DeclarativeBase):
    """Root of all models. A parent holds no collection of its children: services query for them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 read once by SQLAlchemy's declarative scan
        datetime: UtcDateTime(),
        uuid.UUID: Uuid(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
    }
