"""S8: launch a wave to 100,000 contacts while a respondent of another wave keeps saving.

A worker writes the frozen list; two web processes take the respondent's pages. Measured are the launch
from the POST's transaction to the open wave, how long one chunk is behind the other, what the worker's
memory gains, and the respondent's saves before and during the launch. Run: ``python -m benchmarks.s8_launch [--quick] [--database sqlite]``.
"""

import argparse
import contextlib
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from threading import Event, Thread
from typing import Final

import psutil
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks import bulk, programmes_at_size, stage
from benchmarks.report import report
from benchmarks.stage import Browser, Stage, is_acknowledged
from surveyapp.clock import utcnow
from surveyapp.extensions import reading, transaction
from surveyapp.models.invitations import Invitation, Omission
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.waves import View, Wave, WaveState
from surveyapp.questionnaires import catalogue
from surveyapp.services import definitions, programmes, wave_checks, waves
from tests.web.world import Invited, open_wave

WHOLE: Final = 100_000
QUICK: Final = 10_000
_PATH: Final = "promises"
_BREATH: Final = 0.02
"""Seconds between two saves of the one respondent."""
_IDLE_SECONDS: Final = 5.0
_PATIENCE: Final = 600.0


@dataclass
class Respondent:
    """Somebody who saves the same page over and over; each must be acknowledged."""

    browser: Browser
    invited: Invited
    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    _stop: Event = field(default_factory=Event)

    @contextlib.contextmanager
    def saving(self) -> Iterator[None]:
        """Keep saving meanwhile."""
        self.seconds.clear()
        self._stop.clear()
        thread = Thread(target=self._save_until_stopped)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _save_until_stopped(self) -> None:
        number = 0
        while not self._stop.wait(_BREATH):
            number += 1
            token = self.browser.token(self.invited.at(_PATH))
            started = time.perf_counter()
            response = self.browser.save(
                self.invited.at(_PATH), token, delivers=str(number % 7 + 1)
            )
            self.seconds.append(time.perf_counter() - started)
            self.refused += not is_acknowledged(response)

    def p95(self) -> float:
        """Milliseconds that one save in twenty takes longer than."""
        return round(statistics.quantiles(self.seconds, n=20)[-1] * 1000, 1)


def main() -> None:
    """Launch on each database; print the object that ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} contacts: under 50 s")
    parser.add_argument("--database", choices=stage.DATABASES, help="this one only")
    asked = parser.parse_args()
    contacts = QUICK if asked.quick else WHOLE
    detail: dict[str, float | str] = {"contacts": contacts}
    slowest = 0.0
    for database in [asked.database] if asked.database else stage.DATABASES:
        with stage.on(database) as on:
            found = play(on, contacts)
        print(f"S8 on {database}: {found}")
        detail |= {f"{database}_{name}": value for name, value in found.items()}
        slowest = max(slowest, found["launch_s"])
    report("S8 launch", slowest, "s", detail)


def play(on: Stage, contacts: int) -> dict[str, float]:
    """Fill a programme, launch its wave, let one respondent of another programme save meanwhile."""
    wave = _draft(contacts)
    [invited] = open_wave(on.app, "Ann Berg", slug="other")
    on.start_pages(workers=2)
    on.start_worker()
    respondent = Respondent(Browser(on.url), invited)
    respondent.browser.begin(invited.link)
    with respondent.saving():
        time.sleep(_IDLE_SECONDS)
    idle = respondent.p95()
    stage.wait_until(_is_nothing_to_do)
    worker = psutil.Process(on.pid_of("worker"))
    before, spent = worker.memory_info().rss, _cpu(worker)
    with respondent.saving():
        looked, launched, peak = _launch(wave.slug, worker)
    faults = on.faults()
    if faults:
        raise RuntimeError("\n".join(faults[:5]))
    with reading() as session:
        invitations = select(func.count()).where(Invitation.wave_id == wave.id)
        omissions = select(func.count()).where(Omission.wave_id == wave.id)
        return {
            "launch_s": round(launched, 1),
            "invited": session.scalar(invitations) or 0,
            "left_off": session.scalar(omissions) or 0,
            "check_s": round(looked, 2),
            "worker_cpu_s": round(_cpu(worker) - spent, 1),
            "worker_idle_mb": round(before / 2**20, 1),
            "worker_gains_mb": round((peak - before) / 2**20, 1),
            "chunk_p95_ms": _chunks(session, wave),
            "save_p95_idle_ms": idle,
            "save_p95_ms": respondent.p95(),
            "save_max_ms": round(max(respondent.seconds) * 1000, 1),
            "saves": len(respondent.seconds),
            "saves_refused": respondent.refused,
        }


def _chunks(session: Session, wave: Wave) -> float:
    """Milliseconds from one chunk to the next, rest and all, that one in twenty takes longer than."""
    written = sorted(
        session.scalars(
            select(Invitation.created_at).where(Invitation.wave_id == wave.id).distinct()
        )
    )
    apart = [(later - each).total_seconds() for each, later in pairwise(written)]
    return round(statistics.quantiles(apart, n=20, method="inclusive")[-1] * 1000, 1)


def _is_nothing_to_do() -> bool:
    """The worker has loaded what it needs and sent the respondent's mail."""
    with reading() as session:
        return session.scalars(select(Job.id).where(Job.state != JobState.DONE)).first() is None


def _cpu(process: psutil.Process) -> float:
    """Seconds of the processor it took, which other work on the machine does not change."""
    times = process.cpu_times()
    return float(times.user + times.system)


def _draft(contacts: int) -> Wave:
    at = utcnow() - timedelta(hours=1)
    with transaction() as session:
        bulk.prepare(session)
        made = programmes_at_size.fill(
            session, at=at, relationships=contacts // 10, contacts=contacts
        )
        version = definitions.publish(
            session, made.programme, catalogue.find("relationship-core"), by="benchmark", at=at
        )
        return waves.create(
            session,
            made.programme,
            slug="autumn",
            name="Autumn",
            view=View.BUYER_ON_SUPPLIER,
            version=version,
            closes_at=at + timedelta(days=20),
            by="benchmark",
            at=at,
        )


def _launch(slug: str, worker: psutil.Process) -> tuple[float, float, int]:
    """Look, launch and wait; return the seconds of both and the most memory the worker held."""
    with reading() as session:
        wave = waves.find(session, programmes.find(session, "large"), slug)
        started = time.perf_counter()
        wave_checks.look(session, wave, at=utcnow())
        looked = time.perf_counter() - started
    started = time.perf_counter()
    with transaction() as session:
        wave = waves.find(session, programmes.find(session, "large"), slug)
        waves.launch(session, wave, by="benchmark", at=utcnow())
    print(f"  the POST's transaction took {time.perf_counter() - started:.2f} s")
    peak = 0
    while True:
        peak = max(peak, worker.memory_info().rss)
        with reading() as session:
            if session.get_one(Wave, wave.id).state == WaveState.OPEN:
                return looked, time.perf_counter() - started, peak
            job = session.scalars(select(Job).where(Job.key == f"launch:{wave.id}")).one()
            if job.error or time.perf_counter() - started > _PATIENCE:
                raise RuntimeError(f"{job.done_units} of {job.total_units}: {job.error}")
        time.sleep(0.1)


if __name__ == "__main__":
    main()
