"""How a wave's settings are said on its pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from surveyapp.models.audit import AuditEvent
from surveyapp.models.mail import MailState
from surveyapp.models.responses import ResponseMode
from surveyapp.models.waves import View, Wave
from surveyapp.questionnaires.definition import Anonymity
from surveyapp.services import contract, disclosure_rules
from surveyapp.services.positions import Position
from surveyapp.services.reminders import Only
from surveyapp.services.wave_lists import Rule
from surveyapp.services.wave_names import function_name
from surveyapp.web.filters import listed, reader_locale

IN_SHORT: Final[Mapping[View, LazyString]] = MappingProxyType(
    {
        View.BUYER_ON_SUPPLIER: lazy_gettext("Buyers on suppliers"),
        View.SUPPLIER_ON_BUYER: lazy_gettext("Suppliers on buyers"),
        View.SUPPLIER_ON_ITSELF: lazy_gettext("Suppliers on themselves"),
    }
)
WHO_ABOUT_WHOM: Final[Mapping[View, LazyString]] = MappingProxyType(
    {
        View.BUYER_ON_SUPPLIER: lazy_gettext("People at the buyer are asked about the supplier"),
        View.SUPPLIER_ON_BUYER: lazy_gettext("People at the supplier are asked about the buyer"),
        View.SUPPLIER_ON_ITSELF: lazy_gettext(
            "People at the supplier are asked about their own company, as the buyer sees it"
        ),
    }
)
POSITIONS: Final[Mapping[Position, LazyString]] = MappingProxyType(
    {
        Position.WAITING: lazy_gettext("mail has not gone yet"),
        Position.SENT: lazy_gettext("asked, not started"),
        Position.BOUNCED: lazy_gettext("address bounced"),
        Position.STARTED: lazy_gettext("started"),
        Position.SECTION: lazy_gettext("part-way"),
        Position.SUBMITTED: lazy_gettext("answered"),
    }
)
DELIVERIES: Final[Mapping[Position, LazyString]] = MappingProxyType(
    {
        Position.WAITING: POSITIONS[Position.WAITING],
        Position.SENT: lazy_gettext("asked"),
        Position.BOUNCED: POSITIONS[Position.BOUNCED],
    }
)
"""Where the contract keeps to itself who has answered: only what became of the mail."""
MODES: Final[Mapping[ResponseMode, LazyString]] = MappingProxyType(
    {
        ResponseMode.PHONE: lazy_gettext("by phone"),
        ResponseMode.MEETING: lazy_gettext("in a meeting"),
    }
)
"""How an interviewer heard answers they put in."""
MAIL: Final[Mapping[MailState, LazyString]] = MappingProxyType(
    {
        MailState.QUEUED: lazy_gettext("waiting to go"),
        MailState.CLAIMED: lazy_gettext("going out now"),
        MailState.SENT: lazy_gettext("sent"),
        MailState.UNCERTAIN: lazy_gettext("uncertain: may or may not have gone"),
        MailState.BOUNCED: lazy_gettext("bounced: the address does not work"),
        MailState.DROPPED: lazy_gettext("dropped: nobody needs it any more"),
        MailState.FAILED: lazy_gettext("given up after many tries"),
    }
)
DONE: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "wave.created": lazy_gettext("drafted"),
        "wave.edited": lazy_gettext("draft changed"),
        "wave.scheduled": lazy_gettext("scheduled"),
        "wave.unscheduled": lazy_gettext("taken off the schedule"),
        "wave.launched": lazy_gettext("launched, list frozen"),
        "wave.not-launched": lazy_gettext("scheduled launch did not take place"),
        "wave.opened": lazy_gettext("opened"),
        "wave.paused": lazy_gettext("paused"),
        "wave.resumed": lazy_gettext("resumed"),
        "wave.extended": lazy_gettext("last day moved"),
        "wave.closed": lazy_gettext("closed"),
        "wave.discarded": lazy_gettext("draft deleted"),
        "wave.scored": lazy_gettext("scored"),
        "wave.reopened": lazy_gettext("reopened"),
        "wave.severed": lazy_gettext("answers severed from people"),
        "wave.unsent-erased": lazy_gettext("what was never sent erased"),
        "reminder.planned": lazy_gettext("reminder planned"),
        "reminder.requested": lazy_gettext("reminder begun"),
        "reminder.written": lazy_gettext("reminder written"),
        "reminder.cancelled": lazy_gettext("reminder cancelled"),
        "mail_text.saved": lazy_gettext("mail text changed"),
        "mail_text.reset": lazy_gettext("mail text given back"),
    }
)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """One way in which a list is narrowed."""

    label: str
    values: str


def contract_of(anonymity: Anonymity, people: int) -> str:
    """Say in a line what a questionnaire promises, with the k that holds."""
    match anonymity:
        case Anonymity.IDENTIFIED:
            return str(_("identified: names stay with the answers"))
        case Anonymity.CONFIDENTIAL:
            return str(_("confidential: shown for %(k)s or more people together", k=people))
        case Anonymity.ANONYMOUS:
            return str(
                _("anonymous once closed: shown for %(k)s or more people together", k=people)
            )


def promised(wave: Wave) -> str:
    """Say in a line what a wave's people are promised."""
    return contract_of(contract.of_wave(wave), disclosure_rules.people(wave))


def narrowed(rule: Rule) -> list[Narrowed]:
    """Say whom a rule names; empty when it names everybody."""
    many = (
        (_("Segment"), _named(rule.segments)),
        (_("Product line"), _named(rule.product_lines)),
        (_("Service team"), _named(rule.service_teams)),
        (_("Region"), _named(rule.regions)),
        (_("Function"), [function_name(each) for each in rule.functions]),
        (_("Influence"), [each.value for each in rule.influences]),
    )
    found = [Narrowed(label, listed(values)) for label, values in many if values]
    if rule.minimum_value is not None:
        found.append(Narrowed(_("Annual value"), _("at least %(n)s", n=f"{rule.minimum_value:,f}")))
    return found


def reminded(only: Only) -> str:
    """Say whom a reminder goes to."""
    if only == Only():
        return str(_("everybody who has not answered"))
    parts = []
    if only.positions:
        parts.append(listed([str(POSITIONS[each]) for each in only.positions]))
    if only.functions:
        parts.append(listed([function_name(each) for each in only.functions]))
    if only.influences:
        parts.append(listed([each.value for each in only.influences]))
    if only.relationships:
        parts.append(_("some relationships"))
    return str(_("who has not answered: %(filter)s", filter="; ".join(parts)))


def done(event: AuditEvent) -> str:
    """Say what was done, with the reason where one was given."""
    # an action this page knows no words for is named as the record has it
    what = str(DONE.get(event.action, event.action))
    reason = event.details.get("reason")
    return str(_("%(what)s: %(reason)s", what=what, reason=reason)) if reason else what


def who(event: AuditEvent) -> str:
    """Say who did it."""
    kind, _colon, name = event.actor.partition(":")
    if kind == "user":
        return name
    if kind == "cli":
        return str(_("%(name)s, by command", name=name))
    return str(_("the clock or a worker")) if event.actor == "system" else event.actor


def language_names(codes: Iterable[str]) -> str:
    """Name languages in the reader's own."""
    return listed([language_name(code) for code in codes])


def language_name(code: str) -> str:
    """Name a language in the reader's own; a code nobody knows stays a code."""
    name = Locale.parse(code, sep="-").get_display_name(reader_locale())
    return name or code


def _named(values: Iterable[str]) -> list[str]:
    return [value or _("without one") for value in values]
