"""How often somebody may try: what is counted are failures, so an office behind one address goes on."""

from enum import Enum
from typing import Final

from flask import request
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter

from surveyapp.extensions import state


class Limit(Enum):
    """What is counted, and how much of it is too much. The address is the network one."""

    ACCOUNT = RateLimitItemPerMinute(10, 15, namespace="account")
    """Wrong passwords for one account from browsers that never signed in to it."""
    DEVICE = RateLimitItemPerMinute(10, 15, namespace="device")
    """Wrong passwords from one browser that did: nobody else can use these up."""
    ADDRESS = RateLimitItemPerMinute(100, 15, namespace="address")
    """Wrong passwords from one address, in browsers that never signed in."""
    RESET = RateLimitItemPerHour(5, namespace="reset")
    """Mails with a link to choose a password, for one account."""
    RESET_ADDRESS = RateLimitItemPerHour(50, namespace="reset-address")
    """Such mails asked for from one address."""
    LINK = RateLimitItemPerMinute(60, 1, namespace="link")
    """Personal links that nobody has, tried from one address. Links that exist always open."""


_UNKNOWN: Final = "unknown"


def is_used_up(limit: Limit, key: str) -> bool:
    """Tell whether there were too many already."""
    return not _limiter().test(_item(limit), key)


def count(limit: Limit, key: str) -> bool:
    """Count one more; tell whether that was still within the limit."""
    return _limiter().hit(_item(limit), key)


def address() -> str:
    """Return the network address that asks; behind proxies SURVEYAPP_PROXIES says how many to trust."""
    return request.remote_addr or _UNKNOWN


def _item(limit: Limit) -> RateLimitItem:
    found: RateLimitItem = limit.value
    return found


def _limiter() -> MovingWindowRateLimiter:
    return state().limiter
