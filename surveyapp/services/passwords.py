"""Passwords: which may be chosen, and how they are kept."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from surveyapp.errors import Invalid

SHORTEST: Final = 12
LONGEST: Final = 200
_HASHER: Final = PasswordHasher()
"""Argon2id with the library's parameters, which follow RFC 9106's second recommendation (64 MiB)."""
_DIFFERENT: Final = 5
"""Fewer different characters than this are no password, however long."""


def check(password: str, *, about: Iterable[str] = ()) -> None:
    """Refuse a password that is short, among the known ones or made of what is known of the person.

    No rule about kinds of characters: length and being unknown are what counts (NIST SP 800-63B).

    Raises
    ------
    Invalid
        It may not be chosen; the sentence says why.
    """
    length = len(password)
    if length < SHORTEST:
        raise Invalid(
            f"This has {length} characters. Use at least {SHORTEST}; a few words together are easy to remember."
        )
    if length > LONGEST:
        raise Invalid(f"This has {length} characters; at most {LONGEST} are kept.")
    plain = _plain(password)
    if len(set(plain)) < _DIFFERENT:
        raise Invalid("This repeats a few characters. Use words or characters that vary.")
    if _is_known(plain):
        raise Invalid("This is on lists of passwords that have leaked. Choose another.")
    for word in about:
        if len(word) > 3 and _is_mostly(plain, _plain(word)):  # noqa: PLR2004 short names stand in many words
            raise Invalid(
                "This is made of your name, address or the product's name. Choose another."
            )


def hashed(password: str) -> str:
    """Return what is kept of a password. Takes about 50 ms: never inside a transaction."""
    return _HASHER.hash(_composed(password))


def is_right(password: str, kept: str) -> bool:
    """Tell whether this is the password; as slow for an account without one as for a real one."""
    try:
        _HASHER.verify(kept or _nobodys(), _composed(password))
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    """A hash that no password fits, so that an unknown address takes as long as a known one."""
    return _HASHER.hash("\0")


def _composed(password: str) -> str:
    """The same letter typed on two keyboards is the same."""
    return unicodedata.normalize("NFC", password)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _is_known(plain: str) -> bool:
    known = _leaked()
    # "password1234" and "correct12345" are the listed word with a tail
    return plain in known or plain.rstrip("0123456789!?.") in known


def _is_mostly(password: str, word: str) -> bool:
    """Whether little is left once a known word is taken out."""
    return word in password and len(password.replace(word, "")) < SHORTEST // 2


@cache
def _leaked() -> frozenset[str]:
    # half a megabyte that only choosing a password needs
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 as said above

    return frozenset(FREQUENCY_LISTS["passwords"])
