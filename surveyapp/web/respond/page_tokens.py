"""The signed token each respondent form carries instead of a session: which page, as of when.

It proves that we made the form, for which assignment and section, at which version and with which
questions on it. It outlives the browser's cookie, so a page sent too late is kept and not refused.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Final

from itsdangerous import BadSignature, URLSafeTimedSerializer

from surveyapp.errors import Invalid
from surveyapp.extensions import state
from surveyapp.services.merging import Opened

FIELD: Final = "page_token"
ALSO: Final = "also"
LASTS: Final = timedelta(days=7)
_SALT: Final = "surveyapp/respondent-page/1"


class BadPageToken(Invalid):
    """The form was not made here, is older than seven days, or belongs to another page."""


@dataclass(frozen=True, slots=True)
class PageToken:
    """What a form's token says."""

    slug: str
    section_id: str
    version: int
    shown: frozenset[str]
    """Ids of the items that were on the page."""
    page: str = ""
    """Tells this opened page from every other of the same section."""
    base: Mapping[str, str] | None = None
    """Marks of the answers the page was made with, by answer id; None: nobody knows."""

    @property
    def opened(self) -> Opened:
        """What merging asks of the page."""
        return Opened(self.page, self.base)


def make(
    slug: str,
    section_id: str,
    *,
    version: int,
    shown: Iterable[str] = (),
    base: Mapping[str, str] | None = None,
    page: str = "",
) -> str:
    """Sign what this page is; without ``page`` it is a newly opened one."""
    name = page or secrets.token_urlsafe(9)
    return _serializer().dumps([slug, section_id, version, sorted(shown), name, base])


def read(signed: str, *, slug: str, section_id: str) -> PageToken:
    """Read a token back. Raises BadPageToken."""
    try:
        found = _serializer().loads(signed, max_age=int(LASTS.total_seconds()))
    except BadSignature as error:
        raise BadPageToken("This page cannot be checked any more.") from error
    # pages made before an upgrade say nothing more than these four
    token = PageToken(found[0], found[1], found[2], frozenset(found[3]), *found[4:])
    if (token.slug, token.section_id) != (slug, section_id):
        raise BadPageToken("This form belongs to another page.")
    return token


def with_also(token: PageToken, item_ids: Iterable[str]) -> PageToken:
    """Return the token with the items that the browser showed by itself.

    They need no signature: an item that is off the path counts for nothing, whoever sends it.
    """
    return replace(token, shown=token.shown.union(item_ids))


def _serializer() -> URLSafeTimedSerializer:
    return _serializer_of(state().settings.secret_key)


@lru_cache(maxsize=1)
def _serializer_of(secret_key: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt=_SALT)
