"""``surveyapp serve``: both parts up, both down with it, however it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.cli.conftest import Run

PATIENCE_SECONDS = 30.0
SERVED = tuple[subprocess.Popen[str], list[psutil.Process]]


def eventually(what: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.1)
    return False


def is_up(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


@contextmanager
def serving(home: Path) -> Iterator[SERVED]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    environ = {**os.environ, "SURVEYAPP_HOME": str(home), "SURVEYAPP_BASE_URL": base_url}
    server = subprocess.Popen(
        [sys.executable, "-m", "surveyapp.cli", "serve", "--workers", "1"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert eventually(lambda: is_up(f"{base_url}/health"))
        yield server, psutil.Process(server.pid).children(recursive=True)
    finally:
        server.kill()
        server.wait()
        if server.stdout:
            server.stdout.close()


def are_gone(processes: list[psutil.Process]) -> bool:
    return all(
        not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        for process in processes
    )


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_cleanly_with_both_parts(ready: Run, home: Path, how: signal.Signals) -> None:
    with serving(home) as (server, children):
        assert any("worker" in child.cmdline() for child in children)
        server.send_signal(how)
        said, _ = server.communicate(timeout=PATIENCE_SECONDS)
        assert server.returncode == 0, said
        assert "Traceback" not in said
        assert eventually(lambda: are_gone(children))


def test_nothing_is_left_when_serve_is_killed(ready: Run, home: Path) -> None:
    with serving(home) as (server, children):
        server.kill()
        server.wait()
        assert eventually(lambda: are_gone(children))


def test_serve_starts_a_killed_worker_again_and_says_so(ready: Run, home: Path) -> None:
    def workers() -> list[psutil.Process]:
        alive = psutil.Process(server.pid).children()
        alive = [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]
        return [child for child in alive if "worker" in child.cmdline()]

    with serving(home) as (server, children):
        [killed] = workers()
        killed.kill()
        assert eventually(lambda: any(each.pid != killed.pid for each in workers()))
        both = [*children, *workers()]
        server.terminate()
        said, _ = server.communicate(timeout=PATIENCE_SECONDS)
        assert "The worker ended with -9. It is started again." in said
        assert eventually(lambda: are_gone(both))


def test_serve_refuses_a_database_without_tables(run: Run) -> None:
    assert "surveyapp database upgrade" in run("serve", exit_code=2).stderr
    assert "surveyapp database upgrade" in run("pages", exit_code=2).stderr
    assert "surveyapp database upgrade" in run("worker", "--once", exit_code=2).stderr


@pytest.mark.parametrize("bind", ["nonsense", "127.0.0.1:99999", "127.0.0.1", "a b:80", "::1:80"])
@pytest.mark.parametrize("command", ["serve", "pages"])
def test_an_address_without_a_usable_port_is_refused(ready: Run, command: str, bind: str) -> None:
    said = ready(command, "--bind", bind, exit_code=2).stderr
    assert f"{bind!r} is no host with a port." in said
