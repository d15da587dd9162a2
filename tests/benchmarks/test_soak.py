import os
import subprocess
import sys
import threading
import time
from collections import defaultdict

import httpx
import pytest

from benchmarks.journey_wave import Person
from benchmarks.soak import p99_of
from benchmarks.soak_actors import Door, Owner
from benchmarks.soak_memory import (
    FEWEST_SECONDS,
    TOLERANCE_MB_A_MINUTE,
    Watch,
    leaks,
    slope_of,
    too_large,
)


def series(a_minute: float, *, seconds: int = 600, peak: float = 0.0) -> list[tuple[float, float]]:
    """Warms up for a minute, then grows evenly; every tenth sample is a peak."""
    return [
        (at, 100 + min(at, 60) + a_minute * at / 60 + (peak if at % 10 == 0 else 0))
        for at in range(seconds)
    ]


def test_a_leak_is_told_and_warming_up_and_peaks_are_not() -> None:
    slow = TOLERANCE_MB_A_MINUTE / 2
    slopes = {
        "leaking": slope_of(series(2.0, peak=80)),
        "peaking": slope_of(series(0.0, peak=80)),
        "settling": slope_of(series(slow)),
    }
    assert slopes["leaking"].a_minute_mb == pytest.approx(2.0, abs=0.05)
    assert slopes["settling"].a_minute_mb == pytest.approx(slow, abs=0.05)
    [said] = leaks(slopes, seconds=600)
    assert said.startswith("leaking grows by 2.0")


def test_a_short_soak_only_warms_up_and_judges_no_memory() -> None:
    slopes = {"leaking": slope_of(series(9.0, seconds=20))}
    assert leaks(slopes, seconds=FEWEST_SECONDS - 1) == []
    assert leaks(slopes, seconds=FEWEST_SECONDS)


def test_a_worker_that_was_too_large_once_is_told_whatever_it_holds_at_the_end() -> None:
    watch = Watch(dict)
    watch.series["first worker"] = [(1.0, 120.0), (2.0, 340.2), (3.0, 120.0)]
    watch.series["second worker"] = [(1.0, 120.0), (2.0, 299.0)]
    assert too_large(watch.most(), 300) == ["first worker held 340 MB; 300 is the most it may"]


def test_a_process_that_was_started_again_is_noticed() -> None:
    pids = {"web process 1": os.getpid()}
    watch = Watch(lambda: pids)
    watch.look(1.0)
    assert watch.series["web process 1"][0][1] > 1
    pids["web process 1"] = os.getppid()
    watch.look(2.0)
    assert watch.replaced == ["web process 1 ended and was started again after 2 s"]


def test_a_process_that_ended_is_noticed_also_before_anybody_waits_for_it() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        watch = Watch(lambda: {"first worker": process.pid})
        watch.look(1.0)
        assert watch.replaced == []
        process.kill()
        until = time.monotonic() + 10
        while not watch.replaced and time.monotonic() < until:
            watch.look(2.0)
    assert watch.replaced == ["first worker ended after 2 s"]


def test_an_owner_notes_pages_that_are_wrong_or_do_not_answer() -> None:
    owner = object.__new__(Owner)
    owner.times, owner.wrong = defaultdict(list), []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/gone":
            raise httpx.ConnectError("refused")
        return httpx.Response({"/good": 200, "/led": 303}.get(request.url.path, 500))

    with httpx.Client(base_url="http://pages", transport=httpx.MockTransport(answer)) as browser:
        owner._timed(browser, "GET console", "GET", "/good")
        owner._timed(browser, "POST close", "POST", "/led")
        assert owner.wrong == []
        owner._timed(browser, "GET console", "GET", "/bad")
        owner._timed(browser, "POST close", "POST", "/good")
        with pytest.raises(httpx.ConnectError):
            owner._timed(browser, "GET console", "GET", "/gone")
    assert owner.wrong[:2] == ["GET /bad gave 500", "POST /good gave 200"]
    assert owner.wrong[2].startswith("GET /gone got no answer")
    assert len(owner.times["GET console"]) == 2


def test_the_door_lets_each_person_in_once_and_closes() -> None:
    door = Door(a_second=1000)
    people = [Person(f"/r/{number}", f"slug-{number}", 0) for number in range(20)]
    came: list[str] = []

    def wait_here() -> None:
        came.extend(journey["link"] for journey in door)

    waiting = threading.Thread(target=wait_here)
    waiting.start()
    door.let_in(people[:12])
    door.let_in(people[12:])
    until = time.monotonic() + 10
    while len(came) < len(people) and time.monotonic() < until:
        time.sleep(0.01)
    door.close()
    waiting.join(10)
    assert not waiting.is_alive()
    assert came == [person.link for person in people]


def test_of_few_requests_the_slowest_stands_for_the_slow_ones() -> None:
    assert p99_of([3.0, 9.0, 1.0]) == 9.0
    assert p99_of([1.0] * 990 + [50.0] * 10) == pytest.approx(50.0, abs=1)
