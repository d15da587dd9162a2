"""S1: eight respondents at once answer whole questionnaires through two web processes.

Each journey opens a personal link, presses Start, opens and sends every page of relationship-core, looks
everything over, sends it and reads the receipt. Clients are threads of one small process, whose processor
time is said apart. Afterwards every answer is read back: one that is not what was typed ends the program
with an error. Run: ``python -m benchmarks.s1_journey [--quick] [--database sqlite|postgresql]``.
"""

import statistics
from typing import Final

from sqlalchemy import text

from benchmarks import each_database, journey_wave, processor
from benchmarks.stage import Stage
from surveyapp.extensions import transaction

CLIENTS: Final = 8
WHOLE: Final = 600
QUICK: Final = 120
_WARM_UP: Final = 2 * CLIENTS
_POSTS: Final = ("POST start", "POST section", "POST submit")
_SURE: Final = {
    "sqlite": {"synchronous": "2"},
    "postgresql": {"fsync": "on", "synchronous_commit": "on"},
}
"""What the database must say of itself: a commit is on the disk before it is acknowledged."""


def play(on: Stage, journeys: int) -> dict[str, float | str]:
    """Let everybody answer; return what it cost. Raises RuntimeError when anything was lost."""
    sure = _is_sure(on)
    people = journey_wave.open_for(_WARM_UP + journeys)
    on.start_pages(workers=2)
    journey_wave.answer(on, people[:_WARM_UP], clients=CLIENTS)
    with processor.spent(on) as spent:
        said = journey_wave.answer(on, people[_WARM_UP:], clients=CLIENTS)
    if lost := journey_wave.lost(people):
        raise RuntimeError(f"{len(lost)} of {len(people)} lost answers, such as {lost[0]}.")
    if faults := on.faults():
        raise RuntimeError("\n".join(faults[:5]))
    times: dict[str, list[float]] = said["times"]
    requests = sum(map(len, times.values()))
    posts = [each for kind in _POSTS for each in times[kind]]
    return {
        **sure,
        "requests_per_s": round(requests / said["seconds"], 1),
        "web_cpu_ms_a_request": round(spent["web"] / requests * 1000, 2),
        "database_cpu_ms_a_request": round(spent["database"] / requests * 1000, 2),
        "client_cpu_ms_a_request": round(said["cpu_s"] / requests * 1000, 2),
        "post_p50_ms": round(statistics.median(posts), 1),
        "post_p95_ms": round(statistics.quantiles(posts, n=20)[-1], 1),
        "post_p99_ms": round(statistics.quantiles(posts, n=100)[-1], 1),
        "requests": requests,
        "requests_a_journey": round(requests / journeys, 2),
        "journeys": journeys,
        "lost": 0,
        **{f"{kind.replace(' ', '_')}_p50_ms": statistics.median(times[kind]) for kind in times},
    }


def _is_sure(on: Stage) -> dict[str, str]:
    """Ask a connection that writes how careful the database is. Raises RuntimeError."""
    ask = "PRAGMA {}" if on.database == "sqlite" else "SHOW {}"
    with transaction() as session:
        said = {
            name: str(session.execute(text(ask.format(name))).scalar_one())
            for name in _SURE[on.database]
        }
    if said != _SURE[on.database]:
        raise RuntimeError(f"The database says {said}: what it acknowledges may be lost.")
    return said


if __name__ == "__main__":
    each_database.main(
        "S1",
        "req/s",
        play,
        told="requests_per_s",
        worst=min,
        whole=WHOLE,
        quick=QUICK,
        description=__doc__,
    )
