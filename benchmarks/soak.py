"""Soak: ten minutes of everything at once on each database: respondents, an owner, rendering, mail.

Two web processes and two workers, which begin anew when they grew a little. Wave after wave is launched at the console, mailed to a real SMTP
server, answered, reminded of, closed, scored and made into scorecards, while the owner goes from page to
page. Wrong is every page that is not what it must be, every fault in the log, every answer that does
not stand, every message accepted twice or not at all, every process that ended, every process of the pages
whose memory goes on growing after it is warm, and every worker that becomes larger than it may. Ends with 1 when anything was wrong.
Run: ``python -m benchmarks.soak [--quick] [--database sqlite]``.
"""

import contextlib
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import psutil
from sqlalchemy import select

from benchmarks import journey_wave, soak_world, stage
from benchmarks.f4_two_senders import Sink, listening
from benchmarks.journey_wave import Person
from benchmarks.respondents import Load
from benchmarks.soak_actors import Door, Owner
from benchmarks.soak_memory import Watch, leaks, too_large
from benchmarks.soak_world import PROGRAMME
from benchmarks.stage import Outcome, Stage, wait_until
from surveyapp.extensions import reading
from surveyapp.models.mail import MailState, OutgoingMail

SECONDS: Final = 600
QUICK_SECONDS: Final = 20
CLIENTS: Final = 3
JOURNEYS_A_SECOND: Final = 1.5
PEOPLE, PEOPLE_QUICK = 48, 12
_WORKERS: Final = ("first", "second")
WORKERS_MAY_GROW_MB: Final = 80
"""Less than an operator would allow, so that workers begin anew in the middle of everything."""
WORKER_MB: Final = 216 + WORKERS_MAY_GROW_MB + 56
"""What a worker may hold: SciPy and WeasyPrint loaded, what it may grow by, and what one job needs on top,
because a worker only begins anew between two jobs."""
_PATIENCE_SECONDS: Final = 240.0


@dataclass
class Soak:
    """One database's soak: who is at work, and what they were told."""

    on: Stage
    owner: Owner
    load: Load
    door: Door
    people: list[Person] = field(default_factory=list)
    waves: int = 0
    to_remind: int = 0
    """People who had not answered when their reminder was asked for."""

    def wave(self) -> None:
        """Take one wave from the draft to its scorecards."""
        self.waves += 1
        slug = soak_world.draft(self.waves)
        base, results = f"/p/{PROGRAMME}/waves/{slug}", f"/p/{PROGRAMME}/results/{slug}"
        self.owner.press("launch", f"{base}/check", f"{base}/launch")
        self._until(lambda: soak_world.is_open(slug))
        self.owner.wave = slug
        people = soak_world.people_of(slug, self.waves)
        half = len(people) // 2
        self._answer(people[:half])
        self._until(lambda: soak_world.is_mailed(slug))
        soak_world.pass_two_days()
        self.owner.press("reminder", f"{base}/reminders", f"{base}/reminders", {"now": "now"})
        self.to_remind += len(people) - half
        self._answer(people[half:])
        self._until(lambda: soak_world.is_mailed(slug))
        self.owner.press("close", f"{base}/close", f"{base}/close")
        self._until(lambda: soak_world.is_scored(slug))
        self.owner.press("document", results, f"{results}/documents")
        for relationship in soak_world.relationships():
            page = f"{results}/{relationship}"
            self.owner.press("document", page, f"{page}/documents")

    def _answer(self, people: list[Person]) -> None:
        """Let these answer and wait until they have their receipts."""
        self.people += people
        self.door.let_in(people)
        self._until(self._have_all_receipts)

    def _have_all_receipts(self) -> bool:
        if self.load.wrong:
            raise RuntimeError(f"{self.load.wrong[0]}\n{self.on.last_words()}")
        return len(self.load.times["GET receipt"]) == len(self.people)

    def _until(self, is_so: object) -> None:
        wait_until(is_so, seconds=_PATIENCE_SECONDS, every=0.1)  # type: ignore[arg-type] # a question without arguments


def play(on: Stage, seconds: int) -> Outcome:
    """Let everybody work for so long, then hold what they were told against what stands."""
    outcome, sink = Outcome(), Sink()
    soak_world.make(PEOPLE_QUICK if seconds == QUICK_SECONDS else PEOPLE)
    with listening(sink) as url:
        on.environ["SURVEYAPP_SMTP_URL"] = url
        on.start_pages(workers=2)
        on.environ["SURVEYAPP_LOG_LEVEL"] = "INFO"  # workers say then that they begin anew
        for name in _WORKERS:
            on.start_worker(name, "--nice", "19", "--may-grow", str(WORKERS_MAY_GROW_MB))
        soak = _soak(on)
        watch = Watch(lambda: _processes(on))
        psutil.cpu_percent()  # the next call tells of the time since this one
        started = time.monotonic()
        with watch.watching(), _everybody_at_work(soak):
            while time.monotonic() - started < seconds:
                soak.wave()
        took = time.monotonic() - started
        busy = psutil.cpu_percent()
        wait_until(lambda: not soak_world.unfinished_jobs(), seconds=_PATIENCE_SECONDS, every=0.2)
        on.end()
    _judge(soak, sink, outcome)
    _judge_memory(watch, outcome, took)
    _tell(soak, sink, watch, outcome, took=took, busy=busy)
    return outcome


def _soak(on: Stage) -> Soak:
    door = Door(JOURNEYS_A_SECOND)
    forms = [journey_wave.forms(variant) for variant in range(journey_wave.VARIANTS)]
    load = Load(on.port, iter(door), forms)
    return Soak(on, Owner(on.app, on.url), load, door)


@contextmanager
def _everybody_at_work(soak: Soak) -> Iterator[None]:
    """Let respondents answer and the owner look around meanwhile."""
    is_over = threading.Event()
    threads = [threading.Thread(target=soak.load.answer) for _ in range(CLIENTS)]
    threads.append(threading.Thread(target=soak.owner.look_around, args=(is_over,)))
    for each in threads:
        each.start()
    try:
        yield
    finally:
        is_over.set()
        soak.door.close()
        for each in threads:
            each.join()


def _processes(on: Stage) -> Mapping[str, int]:
    """Name the web server, its two processes, and the workers."""
    pages = on.pid_of("pages")
    web: list[int] = []
    with contextlib.suppress(psutil.NoSuchProcess):  # that it ended is noticed by its own line
        web = sorted(child.pid for child in psutil.Process(pages).children())
    named = {f"web process {number}": pid for number, pid in enumerate(web, start=1)}
    return {
        "web server": pages,
        **named,
        **{f"{each} worker": on.pid_of(each) for each in _WORKERS},
    }


def _judge(soak: Soak, sink: Sink, outcome: Outcome) -> None:
    load, owner = soak.load, soak.owner
    outcome.tries = sum(map(len, load.times.values())) + sum(map(len, owner.times.values()))
    outcome.wrong += [*load.wrong, *owner.wrong, *soak.on.faults(), *soak_world.failed_jobs()]
    lost = journey_wave.lost(soak.people)
    outcome.wrong += [f"the answers of {slug} are not what was typed" for slug in lost]
    expected = soak.waves * (len(soak_world.relationships()) + 1)
    made = soak_world.documents()
    outcome.check(made == expected, f"{made} of {expected} documents were made")
    with reading() as session:
        rows = session.execute(
            select(OutgoingMail.id, OutgoingMail.state, OutgoingMail.step, OutgoingMail.error)
        ).all()
    for row in rows:
        times = sink.accepted[str(row.id)]
        is_right = times == (1 if row.state == MailState.SENT else 0)
        outcome.check(
            is_right, f"{row.step} {row.id} is {row.state} and was accepted {times} times"
        )
        # respondents here need no mail to begin: some are done before its turn comes
        is_needless = row.state == MailState.DROPPED and "nothing was left to ask" in row.error
        outcome.check(
            row.state == MailState.SENT or is_needless, f"{row.step} {row.id} is {row.state}"
        )
    reminded = sum(row.step.startswith("reminder") for row in rows)
    invited = len(rows) - reminded
    outcome.check(
        invited == len(soak.people), f"{invited} invitations for {len(soak.people)} people"
    )
    outcome.check(
        reminded == soak.to_remind, f"{reminded} reminders for {soak.to_remind} who were silent"
    )
    outcome.detail |= {"mails": sink.total, "reminded": reminded, "documents": made}


def _judge_memory(watch: Watch, outcome: Outcome, took: float) -> None:
    """Pages may not grow; a worker keeps what drawing leaves behind, and may have so much of it."""
    workers = {f"{each} worker" for each in _WORKERS}
    pages = {name: slope for name, slope in watch.slopes().items() if name not in workers}
    most = {name: held for name, held in watch.most().items() if name in workers}
    outcome.wrong += watch.replaced + leaks(pages, took) + too_large(most, WORKER_MB)
    for name, held in most.items():
        outcome.detail[f"{name.replace(' ', '_')}_most_mb"] = round(held, 1)


def _tell(
    soak: Soak, sink: Sink, watch: Watch, outcome: Outcome, *, took: float, busy: float
) -> None:
    """Say how long each kind of request took and how memory went."""
    print(
        f"{took:.0f} s, {soak.waves} waves, {len(soak.people)} people, {sink.total} mails, "
        f"{outcome.tries} requests; processors {busy:.0f}% busy"
    )
    anew = soak.on.log.read_text(encoding="utf-8").count("worker.begins_anew")
    print(f"  workers began anew {anew} times, having grown by {WORKERS_MAY_GROW_MB} MB")
    outcome.detail["workers_began_anew"] = anew
    outcome.detail |= {"waves": soak.waves, "people": len(soak.people), "busy_percent": busy}
    for kind, times in sorted({**soak.load.times, **soak.owner.times}.items()):
        p50, p99 = round(statistics.median(times), 1), round(p99_of(times), 1)
        print(f"  {kind:15} {len(times):6} times, p50 {p50:7.1f} ms, p99 {p99:7.1f} ms")
        name = kind.replace(" ", "_")
        outcome.detail |= {f"{name}_p50_ms": p50, f"{name}_p99_ms": p99}
    for name, slope in watch.slopes().items():
        print(
            f"  {name:15} {slope.first_mb:6.1f} MB warm, {slope.last_mb:6.1f} MB at the end, "
            f"{slope.a_minute_mb:+.2f} MB a minute"
        )
        key = name.replace(" ", "_")
        outcome.detail |= {
            f"{key}_mb": round(slope.last_mb, 1),
            f"{key}_mb_a_minute": round(slope.a_minute_mb, 3),
        }


def p99_of(times: list[float]) -> float:
    """Return what one in a hundred takes longer than; of fewer the slowest."""
    return statistics.quantiles(times, n=100)[-1] if len(times) >= 100 else max(times)


if __name__ == "__main__":
    wrong = stage.main(
        "soak",
        "things wrong",
        play,
        tries=SECONDS,
        quick=QUICK_SECONDS,
        description=__doc__ or "",
    )
    sys.exit(1 if wrong else 0)
