"""The only callers of the system clock, so that tests can freeze it and services are handed ``at``."""

from datetime import UTC, date, datetime


def utcnow() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The date in UTC."""
    return utcnow().date()
