"""Keys for rows written by the ten thousand: in the order of time, so that indexes grow at their end."""

import secrets
import uuid
from datetime import datetime
from typing import Final

_RANDOM_BITS: Final = 74
_LOW_BITS: Final = 62


def ordered_key(at: datetime) -> uuid.UUID:
    """Return a UUID of version 7 (RFC 9562): the millisecond, then 74 random bits.

    It tells when its row was written, so it is for rows that say that themselves and name a person
    anyway. Random keys touch a page of each index for each row: a launch wrote three times as much.
    From Python 3.14 on the standard library has it.
    """
    milliseconds = int(at.timestamp() * 1000)
    random = secrets.randbits(_RANDOM_BITS)
    high, low = random >> _LOW_BITS, random & ((1 << _LOW_BITS) - 1)
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | high << 64 | 2 << _LOW_BITS | low)
