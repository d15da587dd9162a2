"""Where an example plays: a fresh folder, an environment of its own, and surveyapp's commands in it."""

import fcntl
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
from rich.console import Console

ROOT = Path(__file__).resolve().parents[1]
MARK = "made by the surveyapp demo"
"""Content of a file in the demo's folder: no other folder is ever emptied."""
_SURVEYAPP = (sys.executable, "-m", "surveyapp.cli")
_READY_SECONDS = 30.0
_ENDING_SECONDS = 30.0


class CannotPlay(Exception):
    """The demo cannot go on; the sentence says why."""


class Stage:
    """A folder with its own database, keys, mail and files."""

    def __init__(self, folder: Path, console: Console) -> None:
        self.folder = folder
        self.console = console
        self.base_url = f"http://127.0.0.1:{_free_port()}"
        # settings of this shell are left out: a demo must never reach somebody's database
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("SURVEYAPP_")
        }
        self.environ = kept | {
            "SURVEYAPP_HOME": str(folder / "home"),
            "SURVEYAPP_BASE_URL": self.base_url,
            "SURVEYAPP_LOG_LEVEL": "WARNING",
        }

    @property
    def outbox(self) -> Path:
        """Where the worker writes mail."""
        return self.folder / "home" / "outbox"

    def command(self, *arguments: str, typed: str = "") -> str:
        """Run a surveyapp command as somebody would, show it and what it says.

        Raises
        ------
        CannotPlay
            It refused; its own messages are shown.
        """
        line = f"$ surveyapp {shlex.join(arguments)}"
        self.console.print(line, style="bold", markup=False, highlight=False, soft_wrap=True)
        done = subprocess.run(  # noqa: S603 our own command
            [*_SURVEYAPP, *arguments],
            cwd=ROOT,
            env=self.environ,
            input=typed,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.stdout:
            self.console.print(done.stdout.rstrip(), markup=False, highlight=False, soft_wrap=True)
        if done.returncode:
            raise CannotPlay(f"surveyapp {arguments[0]} ended with {done.returncode}.")
        return done.stdout.strip()

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve pages and worker while the demo runs; they end with it, even when it is killed."""
        port = self.base_url.rpartition(":")[2]
        log = self.folder / "serve.log"
        with log.open("wb") as file:
            server = subprocess.Popen(  # noqa: S603 our own command
                [*_SURVEYAPP, "serve", "--bind", f"127.0.0.1:{port}", "--parent", str(os.getpid())],
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                self._wait_until_ready(server, log)
                yield
            finally:
                _end(server)

    def _wait_until_ready(self, server: "subprocess.Popen[bytes]", log: Path) -> None:
        until = time.monotonic() + _READY_SECONDS
        while time.monotonic() < until:
            if server.poll() is not None:
                break
            try:
                if httpx.get(f"{self.base_url}/health").is_success:
                    return
            except httpx.TransportError:
                pass  # nobody listens yet
            time.sleep(0.1)
        said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise CannotPlay(f"The pages did not come up at {self.base_url}:\n{said}")


@contextmanager
def fresh_folder(folder: Path) -> Iterator[Path]:
    """Empty the demo's folder, or make it, and hold it against a second demo at once.

    Raises
    ------
    CannotPlay
        Another demo plays there, or the folder is something else.
    """
    mark = folder / "DEMO"
    if folder.exists() and any(folder.iterdir()) and not _is_ours(mark):
        raise CannotPlay(f"{folder} holds something that is not the demo's. Move it away first.")
    folder.mkdir(exist_ok=True)
    with mark.open("a+", encoding="utf-8") as held:
        _hold(held, folder)
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path != mark:
                path.unlink()
        held.truncate(0)
        held.write(MARK)
        held.flush()
        yield folder


def _is_ours(mark: Path) -> bool:
    return mark.is_file() and mark.read_text(encoding="utf-8") in {MARK, ""}


def _hold(file: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CannotPlay(f"Another demo plays in {folder}. End it first.") from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end(server: "subprocess.Popen[bytes]") -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()  # its own children end with it: the kernel tells them
            server.wait()
