"""Processes end with who started them, however that one dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from surveyapp.cli.processes import Processes
from surveyapp.errors import Unavailable

PATIENCE_SECONDS = 10.0


def eventually(what: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.05)
    return False


def is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@pytest.fixture
def sleeper(tmp_path: Path) -> Path:
    """A program that notes its pid, binds itself to its parent and sleeps."""
    program = tmp_path / "sleeper.py"
    program.write_text(
        "import os, sys, time, pathlib\n"
        "from surveyapp.cli.processes import end_with\n"
        "end_with(int(sys.argv[1]))\n"
        "pathlib.Path(sys.argv[2]).write_text(str(os.getpid()))\n"
        "time.sleep(60)\n",
        encoding="utf-8",
    )
    return program


def test_a_child_ends_when_its_parent_is_killed(sleeper: Path, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    starter = (
        "import os, subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, {str(sleeper)!r}, str(os.getpid()), {str(note)!r}],"
        " start_new_session=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", starter])
    assert eventually(lambda: note.exists() and note.read_text() != "")
    child = int(note.read_text())
    assert is_running(child)
    parent.kill()
    parent.wait()
    assert eventually(lambda: not is_running(child))


def test_a_child_whose_parent_is_gone_already_ends_at_once(sleeper: Path, tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    command = [sys.executable, str(sleeper), str(gone.pid), str(tmp_path / "pid")]
    assert subprocess.run(command, check=False).returncode == -signal.SIGTERM
    assert not (tmp_path / "pid").exists()


def test_who_has_no_parent_named_is_left_alone() -> None:
    program = "from surveyapp.cli.processes import end_with; end_with(None); print('here')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "here\n"


def test_a_process_that_cannot_start_is_not_started_again() -> None:
    before = {child.pid for child in psutil.Process().children()}
    with Processes() as processes:
        # --parent is not an option of this command, so it ends with a usage error
        processes.start("the helper", "questionnaires", environ={**os.environ})
        with pytest.raises(Unavailable, match="The helper ended with 2"):
            eventually(lambda: processes.revive() is not None)
    assert {child.pid for child in psutil.Process().children()} == before
