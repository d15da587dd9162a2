"""The processes that serve pages: what is set before they begin."""

import ctypes
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, threading
from surveyapp.cli import pages

{first}
together = threading.Barrier(5)
def hold():
    kept = [bytes(100_000) for _ in range(3)]
    together.wait()
    together.wait()
for _ in range(4):
    threading.Thread(target=hold).start()
together.wait()
ctypes.CDLL(None).malloc_stats()
together.wait()
"""


def heaps_of(first: str) -> int:
    """Count the heaps of a process whose four threads hold something, as glibc reports them."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(first=first)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr.count("Arena ")


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="only glibc has such heaps")
def test_threads_that_serve_pages_share_one_heap() -> None:
    assert heaps_of("pages.share_one_heap()") == 1
    assert heaps_of("pass") > 1, "without it there are several"
