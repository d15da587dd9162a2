"""Turns: in the order they came, in threads and processes, never a wait without end."""

import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

from surveyapp.turns import turn

HOLDER = """
    import sys, time
    from pathlib import Path
    from surveyapp.turns import turn
    with turn(Path(sys.argv[1])):
        print("mine", flush=True)
        time.sleep(60)
"""


def test_whoever_came_first_is_first_and_nobody_overtakes(tmp_path: Path) -> None:
    order: list[int] = []

    def come(number: int) -> None:
        with turn(tmp_path / "turn"):
            order.append(number)
            time.sleep(0.02)

    threads = []
    with turn(tmp_path / "turn"):
        for number in range(5):
            threads.append(threading.Thread(target=come, args=(number,)))
            threads[-1].start()
            time.sleep(0.2)
        assert order == []
    for thread in threads:
        thread.join()
    assert order == list(range(5))


def test_every_one_of_steady_writers_comes_to_its_end_and_never_two_at_once(tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def write_often() -> None:
        for _ in range(25):
            with turn(tmp_path / "turn"):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=write_often) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 150


def test_a_turn_inside_a_turn_is_none(tmp_path: Path) -> None:
    path = tmp_path / "turn"
    with turn(path):
        with turn(path, patience=0):
            pass
        other = threading.Thread(target=lambda: turn(path).__enter__())
        other.start()
        other.join(0.2)
        assert other.is_alive(), "the inner one did not hand on the outer one"
    other.join(10)
    assert not other.is_alive()


def test_a_holder_in_another_process_is_waited_for_and_its_death_ends_its_turn(
    tmp_path: Path,
) -> None:
    path = tmp_path / "turn"
    command = [sys.executable, "-c", textwrap.dedent(HOLDER), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"mine\n"
        began = time.monotonic()
        with turn(path, patience=0.3):
            assert time.monotonic() - began >= 0.3, "gave up waiting and went on without"
        killing = threading.Timer(0.2, holder.kill)
        killing.start()
        with turn(path, patience=30):
            assert time.monotonic() - began < 20
        killing.join()
    began = time.monotonic()
    with turn(path, patience=30):
        assert time.monotonic() - began < 10, "who gave up let go when its turn came"


def test_where_no_file_can_be_made_one_goes_on_without(tmp_path: Path) -> None:
    with turn(tmp_path / "missing" / "turn"):
        assert list(tmp_path.iterdir()) == []
