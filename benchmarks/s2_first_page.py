"""S2: how long the first page takes, from the personal link in a mail to the whole page.

One client, and a browser of its own for each link: no cookie, a new connection. Two web processes, who have
shown the page before. Run: ``python -m benchmarks.s2_first_page [--quick] [--database sqlite|postgresql]``.
"""

import statistics
import time
from typing import Final

from benchmarks import each_database, journey_wave, processor
from benchmarks.respondents import Connection
from benchmarks.stage import Stage

WHOLE: Final = 1000
QUICK: Final = 200
_WARM_UP: Final = 40
_OK: Final = 200
_START: Final = b"Start"


def play(on: Stage, links: int) -> dict[str, float | str]:
    """Open every link once. Raises RuntimeError when one gives another page."""
    people = journey_wave.open_for(links + _WARM_UP)
    on.start_pages(workers=2)
    for person in people[:_WARM_UP]:
        _open(on.port, person.link)
    with processor.spent(on) as spent:
        times = [_open(on.port, person.link) for person in people[_WARM_UP:]]
    if faults := on.faults():
        raise RuntimeError("\n".join(faults[:5]))
    return {
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
        "worst_ms": round(max(times), 1),
        "web_cpu_ms": round(spent["web"] / links * 1000, 2),
        "database_cpu_ms": round(spent["database"] / links * 1000, 2),
        "links": links,
    }


def _open(port: int, link: str) -> float:
    """Open a link with a browser that was never here; return the milliseconds until the page is whole."""
    browser = Connection(port)
    started = time.perf_counter()
    status, _, body = browser.ask("GET", link)
    took = (time.perf_counter() - started) * 1000
    browser.close()
    if status != _OK or _START not in body:
        raise RuntimeError(f"The link gave {status}: {body[:300]!r}")
    return took


if __name__ == "__main__":
    each_database.main(
        "S2",
        "ms p50",
        play,
        told="p50_ms",
        worst=max,
        whole=WHOLE,
        quick=QUICK,
        description=__doc__,
    )
