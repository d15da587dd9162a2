"""A worker of its own process: it begins anew when it has grown, and goes on with what is due."""

import os
import signal
import subprocess
import time
from pathlib import Path

from surveyapp.cli.processes import this_command
from tests.cli.conftest import Run

PATIENCE_SECONDS = 60.0


def is_said(log: Path, words: str, *, times: int = 1) -> bool:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if log.read_text(encoding="utf-8").count(words) >= times:
            return True
        time.sleep(0.1)
    return False


def test_a_worker_that_grew_begins_anew_in_its_place_and_carries_out_what_comes_next(
    ready: Run, home: Path, sheets: Path, tmp_path: Path
) -> None:
    ready("programmes", "create", "kes", "--name", "Kestrin")
    ready("accounts", "import", "kes", str(sheets))
    wave = ("--name", "First", "--questionnaire", "relationship-core", "--closes", "2099-01-01")
    ready("waves", "create", "kes", "first", *wave)
    ready("waves", "launch", "kes", "first")
    log = tmp_path / "log"
    with log.open("wb") as out:
        worker = subprocess.Popen(
            # the first document loads fonts: more than that
            this_command("worker", "--may-grow", "8", "--nice", "5"),
            env={**os.environ, "SURVEYAPP_LOG_LEVEL": "INFO"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        assert is_said(log, "worker.begins_anew"), log.read_text(encoding="utf-8")
        ready("waves", "close", "kes", "first")
        assert is_said(log, "kind=score-wave", times=2), log.read_text(encoding="utf-8")
        assert worker.poll() is None
        assert os.getpriority(os.PRIO_PROCESS, worker.pid) == 5
    finally:
        worker.terminate()
        # while it begins, the signal ends it at once: it holds nothing yet
        assert worker.wait(PATIENCE_SECONDS) in {0, -signal.SIGTERM}
    assert "Traceback" not in log.read_text(encoding="utf-8")
    assert ready("jobs", "list").stdout == "Everything asked for is done.\n"
