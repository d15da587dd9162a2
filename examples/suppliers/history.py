"""Two years as they would have gone: imports, waves and answers, each at a time that is handed in.

Commands and pages take the time from the clock, and by that nobody can answer in 2014 any more. So
this calls the services behind them, which take the time as an argument; no clock is set back. Call it
inside the application's context, on an empty database.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import func, select, true

from examples.suppliers import imports, mailing, sheets, sittings
from examples.suppliers.kpis import DEFINITIONS
from examples.suppliers.people import Part
from examples.suppliers.truth import truths
from examples.suppliers.vendors import Period, Vendor
from surveyapp.extensions import reading, transaction
from surveyapp.models.invitations import Assignment
from surveyapp.models.waves import View, Wave
from surveyapp.questionnaires import catalogue
from surveyapp.services import (
    definitions,
    kpi_lists,
    kpis,
    programmes,
    waves,
)

PROGRAMME = "scms"
NOTE = "Answers simulated, facts real"
BY = "example:suppliers"
ON = date(2014, 6, 30)
"""The day everything is scored as of."""
_BEGINS_ON = date(2013, 5, 6)
_KNOWN_AT_FIRST = Period(2013, 1)
"""Facts up to here are loaded when the programme begins, later quarters each on its last day."""


@dataclass(frozen=True, slots=True)
class Round:
    """Three waves of the same weeks, one in each view."""

    number: int
    slug: str
    name: str
    opens_on: date
    closes_on: date

    @property
    def quarter(self) -> Period:
        """The quarter in which it closes."""
        return Period(self.closes_on.year, (self.closes_on.month + 2) // 3)


ROUNDS = (
    Round(0, "mid-2013", "Mid-2013", date(2013, 6, 3), date(2013, 6, 30)),
    Round(1, "mid-2014", "Mid-2014", date(2014, 6, 2), ON),
)


@dataclass(frozen=True, slots=True)
class Asking:
    """What one view asks in every round, and when on the first and the last day."""

    view: View
    questionnaire: str
    suffix: str
    """After the round's short name."""
    subtitle: str
    opens: time
    closes: time


# the buyer's wave opens last, so that it heads the pages, and closes last, so that one run sees all
ASKINGS = (
    Asking(
        View.SUPPLIER_ON_ITSELF, "self-view", "-self", ": vendors on themselves", time(8), time(16)
    ),
    Asking(
        View.SUPPLIER_ON_BUYER,
        "supplier-rates-buyer",
        "-back",
        ": vendors on SCMS",
        time(9),
        time(17),
    ),
    Asking(View.BUYER_ON_SUPPLIER, "relationship-core", "", "", time(10), time(18)),
)


@dataclass(slots=True)
class WaveTold:
    """What came of one wave."""

    name: str
    relationships: int
    asked: int
    """Questionnaires, each about one relationship."""
    answered: int


@dataclass(slots=True)
class Told:
    """What came of everything, for the account that is printed."""

    values: int = 0
    """Facts stored."""
    current: int = 0
    """Vendors whose on-time share is current on the day of the scores."""
    waves: list[WaveTold] = field(default_factory=list)


Progress = Callable[[str, int, int], None]
"""Is told a wave's name, how many people had their turn, and of how many."""


def play(
    vendors: Sequence[Vendor], parts: Sequence[Part], folder: Path, progress: Progress
) -> Told:
    """Play both rounds; what is handed in lies in ``folder`` afterwards, as an owner would keep it."""
    played = _History(vendors, parts, folder, progress)
    played.begin()
    for asked in ROUNDS:
        played.load_facts_before(asked)
        played.ask(asked)
    return played.told()


class _History:
    """A programme on its way; each step once, in the order of time."""

    def __init__(
        self, vendors: Sequence[Vendor], parts: Sequence[Part], folder: Path, progress: Progress
    ) -> None:
        self._vendors = vendors
        self._parts = parts
        self._folder = folder
        self._progress = progress
        self._known = _KNOWN_AT_FIRST
        self._truths = truths(vendors)
        self._told = Told()

    def begin(self) -> None:
        """Start the programme with its KPIs, its accounts and the facts up to then."""
        at = _moment(_BEGINS_ON, time(9))
        with transaction() as session:
            programme = programmes.create(
                session,
                slug=PROGRAMME,
                name="SCMS and its vendors",
                owner="Supply Chain Management System (SCMS)",
                locale="en",
                data_note=NOTE,
                by=BY,
                at=at,
            )
            for facts in DEFINITIONS:
                kpis.create(session, programme, facts, by=BY, at=at)
        accounts = self._folder / "accounts-2013"
        sheets.write_accounts(accounts, self._vendors, self._parts, self._known)
        imports.take_accounts(PROGRAMME, accounts, by=BY, at=at)
        self._import_facts(None, self._known, at=at)

    def load_facts_before(self, asked: Round) -> None:
        """Load every quarter that ends before the round does."""
        while (ends := self._known.back(-1)) < asked.quarter:
            self._import_facts(self._known, ends, at=_moment(ends.last_day, time(12)))

    def ask(self, asked: Round) -> None:
        """Launch a round's waves, let people answer, load the quarter that ends, close."""
        launched = [self._launch(asked, each) for each in ASKINGS]
        for wave, links in launched:
            self._answer(asked, wave, links)
        at = _moment(asked.closes_on, time(12))
        self._import_facts(self._known, asked.quarter, at=at)
        accounts = self._folder / f"accounts-{asked.slug}"
        sheets.write_relationships(accounts, self._vendors, asked.quarter)
        imports.take_accounts(PROGRAMME, accounts, by=BY, at=at)
        for each in sorted(ASKINGS, key=lambda one: one.closes):
            with transaction() as session:
                programme = programmes.find(session, PROGRAMME)
                wave = waves.find(session, programme, asked.slug + each.suffix)
                waves.close(session, wave, by=BY, at=_moment(asked.closes_on, each.closes))

    def told(self) -> Told:
        """Say what came of it."""
        with reading() as session:
            programme = programmes.find(session, PROGRAMME)
            lines = kpi_lists.overview(session, programme, among=true(), on=ON)
        self._told.current = sum(
            line.current for line in lines if line.definition.slug == "on_time"
        )
        return self._told

    def _launch(self, asked: Round, each: Asking) -> tuple[Wave, Mapping[str, str]]:
        """Draft and launch one wave, send its mail; return it with each recipient's link."""
        at = _moment(asked.opens_on, each.opens)
        questionnaire = catalogue.find(each.questionnaire)
        with transaction() as session:
            programme = programmes.find(session, PROGRAMME)
            version = definitions.publish(session, programme, questionnaire, by=BY, at=at)
            wave = waves.create(
                session,
                programme,
                slug=asked.slug + each.suffix,
                name=asked.name + each.subtitle,
                view=each.view,
                version=version,
                closes_at=_moment(asked.closes_on + timedelta(days=1), time()),
                # both waves of the vendors ask the same people at once, on purpose
                guard_days=None if each.view == View.BUYER_ON_SUPPLIER else 0,
                by=BY,
                at=at,
            )
            waves.launch(session, wave, by=BY, at=at)
        return wave, mailing.invite(wave.id, at=at)

    def _answer(self, asked: Round, wave: Wave, links: Mapping[str, str]) -> None:
        with reading() as session:
            opened = waves.load(session, wave.id)
        # where nothing was ever delivered nobody could say anything
        known = {
            each.reference: self._truths[each.reference]
            for each in self._vendors
            if each.delivered_by(asked.quarter)
        }
        answered = sittings.play(
            opened,
            self._parts,
            known,
            number=asked.number,
            links=links,
            done=partial(self._progress, wave.name),
        )
        assigned = Assignment.wave_id == wave.id
        count = select(func.count(), func.count(Assignment.relationship_id.distinct())).where(
            assigned
        )
        with reading() as session:
            asked_in_all, relationships = session.execute(count).one()
        self._told.waves.append(WaveTold(wave.name, relationships, asked_in_all, answered))

    def _import_facts(self, after: Period | None, until: Period, *, at: datetime) -> None:
        path = self._folder / "facts" / f"facts-{until}.csv"
        sheets.write_facts(path, self._vendors, after=after, until=until)
        self._told.values += imports.take_facts(PROGRAMME, path, by=BY, at=at)
        self._known = until


def _moment(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, UTC)
