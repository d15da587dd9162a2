"""A programme whose every console page has its rows: 100,000 people asked, half of whom have answered.

The rows of its waves are made from the programme's by the database itself: a launch is measured elsewhere.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Uuid,
    case,
    cast,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
)
from sqlalchemy.orm import Session

from benchmarks import bulk, programmes_at_size, small_change
from benchmarks.programmes_at_size import Made
from surveyapp.models.accounts import Contact, Side, Stakeholder
from surveyapp.models.base import Base
from surveyapp.models.invitations import Assignment, Invitation, Omission, OmissionReason
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.responses import Response, ResponseMode, SavedSection
from surveyapp.models.waves import View, Wave, WaveState
from surveyapp.questionnaires import catalogue
from surveyapp.services import definitions

OPEN: Final = "autumn"
DRAFT: Final = "next"
_LAUNCHED: Final = timedelta(days=13)
_LASTS: Final = timedelta(days=20)
_SMALL_WAVES: Final = 60
_CHUNK: Final = 1000
"""People that a launch writes at a time."""
_CHUNK_MS: Final = 200
"""What one chunk takes."""


def fill(session: Session, *, relationships: int, at: datetime) -> Made:
    """Write the programme, an open wave of everybody, a draft of everybody, and much small change."""
    bulk.prepare(session)
    made = programmes_at_size.fill(
        session, at=at, relationships=relationships, contacts=relationships * 10
    )
    opened = at - _LAUNCHED
    wave = _waves(session, made, opened, at)
    _Filler(session, made, wave, opened, at).fill()
    small_change.write(session, made, wave, at)
    small_change.record_facts(session, made, at)
    return made


def _waves(session: Session, made: Made, opened: datetime, at: datetime) -> Wave:
    programme = made.programme
    version = definitions.publish(
        session, programme, catalogue.find("relationship-core"), by="benchmark", at=at
    )
    common: dict[str, Any] = {
        "programme_id": programme.id,
        "view": View.BUYER_ON_SUPPLIER,
        "questionnaire_version_id": version.id,
        "closes_at": opened + _LASTS,
        "created_at": opened,
        "guard_days": 5,
    }
    wave = Wave(
        **common,
        slug=OPEN,
        name="Autumn",
        state=WaveState.OPEN,
        launched_at=opened,
        opened_at=opened,
        list_rule={"side": Side.BUYER.value, "on": opened.date().isoformat()},
    )
    drafts = [
        Wave(**common, slug=slug, name=slug.title(), state=WaveState.DRAFT)
        for slug in (DRAFT, *(f"small-{number}" for number in range(_SMALL_WAVES)))
    ]
    session.add_all([wave, *drafts])
    session.flush()
    return wave


class _Filler:
    """Writes a wave's rows by statements over whole tables."""

    def __init__(
        self, session: Session, made: Made, wave: Wave, opened: datetime, at: datetime
    ) -> None:
        self._session, self._made, self._wave = session, made, wave
        self._opened, self._at = opened, at
        self._is_postgresql = session.get_bind().dialect.name == "postgresql"

    def fill(self) -> None:
        """Invite everybody at a buyer; half answer, some are on their way, a hundredth bounced."""
        self._invite()
        self._leave_off()
        self._assign()
        self._mail("invitation", self._opened)
        self._mail("reminder-1", self._at - timedelta(days=6))
        self._save()
        self._respond()

    def _tenant(self) -> dict[str, Any]:
        return {"programme_id": self._wave.programme_id, "created_at": self._opened}

    def _put(self, model: type[Base], values: dict[str, Any], source: Select[Any]) -> None:
        """Insert what a query finds, with values that are the same in each row."""
        columns = inspect(model).columns
        wanted = [
            each if hasattr(each, "__clause_element__") or isinstance(each, ColumnElement)
            else literal(each, columns[name].type)
            for name, each in values.items()
        ]  # fmt: skip
        query = source.with_only_columns(*wanted)
        self._session.execute(insert(model).from_select(list(values), query))

    def _key(self) -> ColumnElement[Any]:
        """Make a random key in the database."""
        if self._is_postgresql:
            return func.gen_random_uuid()
        return func.lower(func.hex(func.randomblob(16)))

    def _ordered_key(self, at: datetime, place: Any) -> ColumnElement[Any]:  # noqa: ANN401 a column
        """Make a key as a launch does: chunk after chunk in the order of ``place``, by chance within one."""
        begins = literal(int(at.timestamp() * 1000), BigInteger())
        chunk = cast(func.row_number().over(order_by=place) - 1, BigInteger()) // _CHUNK
        low = func.substr(self._hex(), 1, 19)
        if self._is_postgresql:
            moment = func.lpad(func.to_hex(begins + chunk * _CHUNK_MS), 12, "0")
            return cast(func.concat(moment, "7", low), Uuid())
        return func.printf("%012x7%s", begins + chunk * _CHUNK_MS, low)

    def _hex(self) -> ColumnElement[Any]:
        if self._is_postgresql:
            return func.replace(
                func.concat(func.gen_random_uuid(), func.gen_random_uuid()), "-", ""
            )
        return func.lower(func.hex(func.randomblob(32)))

    def _draw(self) -> ColumnElement[int]:
        """Draw 0 to 99."""
        if self._is_postgresql:
            return func.floor(func.random() * 100)
        return func.abs(func.random() % 100)

    def _invite(self) -> None:
        part = select(Stakeholder.id).where(
            Stakeholder.contact_id == Contact.id, Stakeholder.side == Side.BUYER
        )
        is_asked = part.exists() & Contact.opted_out_at.is_(None)
        moment = self._opened + timedelta(hours=5)
        self._put(
            Invitation,
            {
                "id": self._ordered_key(self._opened, Contact.id),
                **self._tenant(),
                "wave_id": self._wave.id,
                "contact_id": Contact.id,
                "generation": 1,
                "token_hash": self._hex(),
                "reason": "buyer of Kestrin, as procurement",
                "started_at": case((self._draw() < 60, moment), else_=None),
            },
            select(Contact.id)
            .where(Contact.programme_id == self._wave.programme_id, is_asked)
            .order_by(Contact.id),
        )

    def _leave_off(self) -> None:
        self._put(
            Omission,
            {
                "id": self._key(),
                **self._tenant(),
                "wave_id": self._wave.id,
                "contact_id": Contact.id,
                "reason": OmissionReason.OPTED_OUT,
                "details": "",
            },
            select(Contact.id).where(
                Contact.programme_id == self._wave.programme_id, Contact.opted_out_at.is_not(None)
            ),
        )

    def _assign(self) -> None:
        is_sent = Invitation.started_at.is_not(None) & (self._draw() < 85)
        self._put(
            Assignment,
            {
                "id": self._ordered_key(self._opened, Invitation.id),
                **self._tenant(),
                "invitation_id": Invitation.id,
                "wave_id": self._wave.id,
                "relationship_id": Stakeholder.relationship_id,
                "questionnaire_version_id": self._wave.questionnaire_version_id,
                "slug": func.substr(self._hex(), 1, 22),
                "seed": 1,
                "side": Stakeholder.side,
                "function": Stakeholder.function,
                "influence": Stakeholder.influence,
                "submitted_at": case((is_sent, Invitation.started_at), else_=None),
            },
            select(Invitation.id)
            .join(Stakeholder, Stakeholder.contact_id == Invitation.contact_id)
            .where(Invitation.wave_id == self._wave.id, Stakeholder.side == Side.BUYER)
            .order_by(Invitation.id),
        )

    def _mail(self, step: str, at: datetime) -> None:
        """Send; what went to a bounced address came back, one in a hundred is in doubt or waits."""
        query = (
            select(Invitation.id)
            .join(Contact, Contact.id == Invitation.contact_id)
            .order_by(Invitation.id)
        )
        if step != "invitation":
            query = query.where(Invitation.started_at.is_(None), Contact.bounced_at.is_(None))
        draw = self._draw()
        values = {
            "id": self._ordered_key(at, Invitation.id),
            **self._tenant(),
            "wave_id": self._wave.id,
            "invitation_id": Invitation.id,
            "step": step,
            "locale": "",
            "attempts": 1,
            "due_at": at,
            "error": "",
            "state": MailState.SENT,
            "sent_at": at,
        }
        self._put(OutgoingMail, values, query.where(Contact.bounced_at.is_(None), draw < 99))
        missing = (
            ~select(OutgoingMail.id)
            .where(OutgoingMail.invitation_id == Invitation.id, OutgoingMail.step == step)
            .exists()
        )
        bounced = {**values, "state": MailState.BOUNCED, "sent_at": None, "error": "550 5.1.1"}
        self._put(OutgoingMail, bounced, query.where(Contact.bounced_at.is_not(None)))
        uncertain = {**values, "state": MailState.UNCERTAIN, "sent_at": None}
        self._put(OutgoingMail, uncertain, query.where(missing))

    def _save(self) -> None:
        for section, below in (("about", 95), ("working", 90), ("outlook", 85)):
            self._put(
                SavedSection,
                {
                    "assignment_id": Assignment.id,
                    "section_id": section,
                    "programme_id": self._wave.programme_id,
                    "version": 1,
                    "saved_at": self._at,
                    "page": "",
                    "is_passed": True,
                },
                select(Assignment.id)
                .join(Invitation, Invitation.id == Assignment.invitation_id)
                .where(
                    Assignment.wave_id == self._wave.id,
                    Invitation.started_at.is_not(None),
                    Assignment.submitted_at.is_not(None) | (self._draw() < below),
                ),
            )

    def _respond(self) -> None:
        """Answer; an interviewer put in one of sixteen."""
        by_phone = func.substr(Assignment.slug, 1, 1) == "0"
        for mode, is_drawn in ((ResponseMode.PHONE, by_phone), (ResponseMode.SELF, ~by_phone)):
            self._put(
                Response,
                {
                    "id": self._key(),
                    "programme_id": self._wave.programme_id,
                    "assignment_id": Assignment.id,
                    "revision": 1,
                    "answers_json": "{}",
                    "vector": [],
                    "plan_hash": "0" * 64,
                    "submitted_at": Assignment.submitted_at,
                    "mode": mode,
                    "entered_by": "interviewer" if mode is ResponseMode.PHONE else None,
                },
                select(Assignment.id).where(
                    Assignment.wave_id == self._wave.id,
                    Assignment.submitted_at.is_not(None),
                    is_drawn,
                ),
            )


def analyse(session: Session) -> None:
    """Gather statistics on PostgreSQL, as autovacuum does a minute after so many rows were written."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE"))
