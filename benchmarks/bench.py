"""``make bench``: runs the programs of the bars one after another and says where each figure stands.

Each program's lines are shown as it says them; at the end one table puts every figure beside its bar and
the last committed result. Ends with 0; with 1 when a program failed, took four times its time, or did not
tell a figure; with 3 when a figure is worse than last by more than noise on the same machine. A missed
bar is told and is no failure. Run: ``python -m benchmarks.bench [--quick] [--keep] [S6 S10 ...]``.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from benchmarks.bars import WHOLE_SECONDS, Program
from benchmarks.bars_programs import PROGRAMS
from benchmarks.bench_comparison import (
    Found,
    Last,
    Row,
    compared,
    figures_of,
    found_in,
    read_last,
    write_last,
)
from benchmarks.bench_table import committed, renew, table
from benchmarks.report import machine
from surveyapp.clock import utcnow

RESULTS: Final = Path(__file__).parent / "results.json"
ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs/performance.md"
BEGIN, END = "<!-- results: written by make bench KEEP=1 -->", "<!-- end of the results -->"
FAILED, WORSE = 1, 3
_TIMES_ITS_TIME: Final = 4
_LAST_BREATH_SECONDS: Final = 0.5
"""Between a program's last line and its end."""
_GRACE_SECONDS: Final = 20.0
_LOOK_SECONDS: Final = 0.5
_BUSY_SHARE: Final = 0.1
"""Of the processors, taken by others before a program begins or after it ended."""


@dataclass
class Run:
    """What came of the programs so far."""

    last: dict[str, Last]
    rows: list[Row] = field(default_factory=list)
    kept: dict[str, Last] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    is_busy: bool = False
    """Whether other programs ran just before or just after the last one."""
    beside_others: list[str] = field(default_factory=list)

    def look_for_others(self) -> None:
        """Note whether other programs take the processors now, while none of ours runs."""
        share = psutil.cpu_percent(interval=_LOOK_SECONDS) / 100
        if share > _BUSY_SHARE:
            self.is_busy = True
            print(f"! other programs take {share:.0%} of the processors: times are upper bounds")

    def take(self, program: Program, found: Found, arguments: tuple[str, ...]) -> None:
        """Keep what a program told."""
        last = self.last.get(program.bar)
        if self.is_busy:
            self.beside_others.append(program.bar)
        self.rows += compared(program, found, last, arguments=arguments, is_busy=self.is_busy)
        told, absent = figures_of(program, found)
        self.failures += absent
        self.kept[program.bar] = Last(
            found.machine,
            found.commit,
            utcnow().date().isoformat(),
            arguments,
            told,
            is_quiet=not self.is_busy,
        )

    def ends_with(self) -> int:
        """Return what the command ends with."""
        if self.failures:
            return FAILED
        return WORSE if any(row.is_regression for row in self.rows) else 0


def main() -> None:
    """Run what is asked for, print the table, keep the results when told to."""
    asked = _asked()
    chosen = [each for each in PROGRAMS if not asked.bars or each.bar in asked.bars]
    run = Run(read_last(asked.results))
    budget = sum(each.seconds for each in chosen)
    print(
        f"{machine()}: {len(chosen)} programs, about {budget / 60:.0f} min when nothing else runs"
    )
    started = time.monotonic()
    for program in chosen:
        carry_out(program, run, is_quick=asked.quick)
    took = time.monotonic() - started
    print(f"\n{table(run.rows)}\n")
    _say(run, took)
    if asked.keep and not run.failures:
        write_last(asked.results, run.kept)
        renew(PAGE, BEGIN, END, committed(PROGRAMS, read_last(asked.results)))
        print(f"Kept in {asked.results.name} and shown in {PAGE.name}: commit both.")
    elif asked.keep:
        print("Nothing was kept: a program failed.")
    sys.exit(run.ends_with())


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bars", nargs="*", metavar="BAR", help="these only, as S6 growth")
    parser.add_argument("--quick", action="store_true", help="each program's own --quick")
    parser.add_argument("--keep", action="store_true", help="replace the committed results")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where they are committed")
    asked = parser.parse_args()
    unknown = sorted(set(asked.bars) - {each.bar for each in PROGRAMS})
    if unknown:
        names = " ".join(each.bar for each in PROGRAMS)
        parser.error(f"There is no {', '.join(unknown)}; there are {names}.")
    return asked


def carry_out(program: Program, run: Run, *, is_quick: bool = False) -> None:
    """Run one program; whatever becomes of it, the next can go on."""
    arguments = ("--quick",) if is_quick else program.arguments
    run.is_busy = False
    print(f"\n{program.bar}: {program.module} {' '.join(arguments)} ({program.seconds} s)")
    run.look_for_others()
    started = time.monotonic()
    try:
        lines = _lines_of(
            [sys.executable, "-m", f"benchmarks.{program.module}", *arguments],
            limit=program.seconds * _TIMES_ITS_TIME,
        )
        found = found_in(lines[-1] if lines else "")
        if not run.is_busy:
            run.look_for_others()
        run.take(program, found, arguments)
    except (ValueError, RuntimeError) as error:
        run.failures.append(f"{program.bar}: {error}")
        print(f"! {error}")
    took = time.monotonic() - started
    if took > program.seconds and not is_quick:
        run.slow.append(f"{program.bar} took {took:.0f} s of its {program.seconds}")


def _lines_of(command: Sequence[str], *, limit: float) -> list[str]:
    """Show a program's lines as they come and return them.

    Raises
    ------
    RuntimeError
        It failed, or took longer than the limit.
    """
    lines: list[str] = []
    over = threading.Event()
    # without, a program that prints into a pipe says everything at its end
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environ
    ) as process:

        def stop() -> None:
            over.set()
            _end(process)

        alarm = threading.Timer(limit, stop)
        alarm.start()
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip("\n"))
                if not line.startswith("{"):
                    print(f"  {lines[-1]}", flush=True)
        finally:
            alarm.cancel()
            _end(process)
    if over.is_set():
        raise RuntimeError(f"It was ended after {limit:.0f} s.")
    if process.returncode:
        raise RuntimeError(f"It failed with {process.returncode}; see its words above.")
    return lines


def _end(process: subprocess.Popen[str]) -> None:
    """Ask a program that still runs to clear up; end it and what it started when it does not."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_LAST_BREATH_SECONDS)
        return
    below = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        for each in [psutil.Process(process.pid), *below]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        process.wait()


def _say(run: Run, took: float) -> None:
    missed = [row.name for row in run.rows if row.is_met is False]
    worse = [row.name for row in run.rows if row.is_regression]
    print(f"{len(run.rows)} figures in {took / 60:.1f} min (at most {WHOLE_SECONDS / 60:.0f}).")
    for said, found in (
        ("Bars missed", missed),
        ("Worse than last by more than noise", worse),
        ("Longer than planned", run.slow),
        ("FAILED", run.failures),
    ):
        if found:
            print(f"{said}: {len(found)}")
            print("\n".join(f"  {each}" for each in found))
    if run.beside_others:
        names = ", ".join(run.beside_others)
        print(f"Other programs ran beside {names}: their times by the clock cannot fail this run.")


if __name__ == "__main__":
    main()
