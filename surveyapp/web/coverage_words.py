"""What a wave's coverage says in sentences."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from babel.dates import format_date, format_time
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from flask_babel import gettext as translated
from flask_babel import lazy_gettext
from flask_babel import ngettext as plural
from flask_babel.speaklater import LazyString

from surveyapp.models.accounts import Function, Influence
from surveyapp.services.coverage_groups import Group
from surveyapp.services.coverage_money import Grouping
from surveyapp.services.coverage_promise import Sight
from surveyapp.services.coverage_relationships import Covered, Heard
from surveyapp.services.coverage_reminders import Chosen, Fate, Whom
from surveyapp.services.coverage_silence import Seen, Step
from surveyapp.services.wave_names import function_name
from surveyapp.web.filters import day, listed, reader_locale

GROUPINGS: Final[Mapping[Grouping, LazyString]] = MappingProxyType(
    {
        Grouping.SEGMENT: lazy_gettext("Segment"),
        Grouping.REGION: lazy_gettext("Region"),
        Grouping.SERVICE_TEAM: lazy_gettext("Service team"),
        Grouping.PRODUCT_LINE: lazy_gettext("Product line"),
    }
)
HEARD: Final[Mapping[Heard, LazyString]] = MappingProxyType(
    {
        Heard.SILENT: lazy_gettext("Silent: nobody, or no decider"),
        Heard.NOBODY: lazy_gettext("Nobody has answered"),
        Heard.NO_DECIDER: lazy_gettext("Others have, no decider has"),
        Heard.SOMEBODY: lazy_gettext("Somebody has answered"),
    }
)
STEPS: Final[Mapping[Step, LazyString]] = MappingProxyType(
    {
        Step.ADDRESSES: lazy_gettext("Correct the addresses"),
        Step.MAIL: lazy_gettext("Look at the mail"),
        Step.REMIND: lazy_gettext("Send a reminder"),
        Step.SPONSOR: lazy_gettext("Call the sponsor"),
        Step.CONTACT: lazy_gettext("Ask for another contact"),
    }
)
RULES: Final[Mapping[Step, LazyString]] = MappingProxyType(
    {
        Step.ADDRESSES: lazy_gettext("mail to somebody there bounced"),
        Step.MAIL: lazy_gettext("no mail has gone to anybody there"),
        Step.REMIND: lazy_gettext("the wave is open and no reminder has gone out yet"),
        Step.SPONSOR: lazy_gettext(
            "somebody there has answered or started, but nobody who decides"
        ),
        Step.CONTACT: lazy_gettext("mail and reminder went out, and nobody there stirred"),
    }
)
FATES: Final[Mapping[Fate, LazyString]] = MappingProxyType(
    {
        Fate.ANSWERED: lazy_gettext("have answered"),
        Fate.OPTED_OUT: lazy_gettext("asked not to be asked any more"),
        Fate.BOUNCED: lazy_gettext("have an address that bounced"),
        Fate.WAITING: lazy_gettext("got no mail yet, as far as is known"),
        Fate.LATELY: lazy_gettext("got a mail within the last 24 hours"),
        Fate.REMINDED: lazy_gettext("would get it"),
    }
)
_INFLUENCES: Final[Mapping[Influence, LazyString]] = MappingProxyType(
    {
        Influence.DECIDES: lazy_gettext("Decides"),
        Influence.INFLUENCES: lazy_gettext("Influences"),
        Influence.USES: lazy_gettext("Uses"),
    }
)

_HUNDREDS: Final = 2


def gettext(message: str, **values: object) -> str:
    """Say it in the reader's language."""
    return str(translated(message, **values))


_ = gettext


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """Say one or many, with the number written as the reader writes numbers."""
    return str(plural(one, many, num, **{"n": count(num), **values}))


def count(number: int) -> str:
    """Write a count with the reader's separators."""
    return format_decimal(number, locale=reader_locale())


def percent(share: float) -> str:
    """Write a share as whole percent; 100 only when all, 0 only when none."""
    whole = round(share * 100)
    if 0 < share < 1:
        whole = min(max(whole, 1), 99)
    return format_percent(whole / 100, locale=reader_locale())


def money(amount: Decimal, currency: str) -> str:
    """Write an amount with its currency's code: EUR 21.3 million."""
    digits = 1 if amount and amount.adjusted() % 3 < _HUNDREDS else 0
    short = format_compact_decimal(
        amount, format_type="long", locale=reader_locale(), fraction_digits=digits
    )
    return f"{currency} {short}"


def short_day(on: date) -> str:
    """Write a day without its year, for a wave that runs now."""
    return format_date(on, "d MMMM", locale=reader_locale())


def tick_day(on: date) -> str:
    """Write a day as short as a chart needs it."""
    return format_date(on, "d MMM", locale=reader_locale())


def month(on: date) -> str:
    """Write a month for a column."""
    return format_date(on, "MMM y", locale=reader_locale())


def moment(at: datetime) -> str:
    """Write the moment of the figures."""
    clock = format_time(at.astimezone(UTC), "HH:mm", locale=reader_locale())
    return f"{day(at)}, {clock} UTC"


def group_name(group: Group) -> str:
    """Name a function or influence, or those that are told together only."""
    names = [
        function_name(key) if isinstance(key, Function) else str(_INFLUENCES[key])
        for key in group.keys
    ]
    return names[0] if len(names) == 1 else _("%(names)s together", names=listed(names))


def seen(seen: Seen, covered: Covered) -> str:
    """Say what is known of a silent relationship's people: mail, and beginnings where they are told."""
    facts = []
    if seen.begun:
        facts.append(
            ngettext("%(n)s started, then silent", "%(n)s started, then silent", seen.begun)
        )
    if seen.bounced:
        facts.append(ngettext("%(n)s mail bounced", "%(n)s mails bounced", seen.bounced))
    if seen.waiting:
        facts.append(ngettext("%(n)s not mailed yet", "%(n)s not mailed yet", seen.waiting))
    if facts:
        return ", ".join(facts)
    if seen.begun is None:
        return _("mail went to all")
    if covered.answered:
        return _("mail went to all, the others have not started")
    return _("mail went to all, nobody has started")


def untold(covered: Covered, sight: Sight) -> str:
    """Say why a relationship's number is not shown."""
    if covered.asked < sight.minimum:
        return _("not shown: fewer than %(k)s asked", k=sight.minimum)
    return _("not shown: it would give away another")


def whom(chosen: Chosen) -> str:
    """Say to which part of the wave a reminder goes."""
    match chosen.whom:
        case Whom.ALL:
            return _("everybody who has not answered")
        case Whom.SILENT:
            number = len(chosen.only.relationships)
            return ngettext(
                "those in %(n)s silent relationship who have not answered",
                "those in %(n)s silent relationships who have not answered",
                number,
            )
        case Whom.FUNCTION:
            name = function_name(chosen.function) if chosen.function else ""
            return _("those in the function %(name)s who have not answered", name=name)
        case Whom.RELATIONSHIP:
            name = chosen.relationship.name if chosen.relationship else ""
            return _("those at %(name)s who have not answered", name=name)
