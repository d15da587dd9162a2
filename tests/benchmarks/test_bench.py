import json
import sys
from pathlib import Path

import pytest

from benchmarks import bars, bars_programs, bench
from benchmarks.bars import Figure, Kind, Program
from benchmarks.bench_comparison import (
    Beside,
    Found,
    Last,
    compared,
    figures_of,
    found_in,
    read_last,
    write_last,
)
from benchmarks.bench_table import committed, renew, table

SPEED = Figure("requests", "{database}_per_s", "1/s", Kind.CLOCK, reach=240, is_more_better=True)
WORK = Figure("work", "{database}_cpu_ms", "ms", Kind.PROCESSOR, reach={"postgresql": 4.5})
QUERIES = Figure("queries", "{database}_queries", "", Kind.COUNT)
PROGRAM = Program("S0", "s0_nothing", seconds=10, figures=(SPEED, WORK, QUERIES))
TOLD = {
    "postgresql_per_s": 250,
    "sqlite_per_s": 200,
    "postgresql_cpu_ms": 4,
    "sqlite_cpu_ms": 5,
    "postgresql_queries": 7,
    "sqlite_queries": 7,
}
HERE = "a machine, 2 cores"


def found(**changed: float) -> Found:
    return Found(HERE, "abc1234", {**TOLD, **changed})


def last(*, machine: str = HERE, arguments: tuple[str, ...] = (), **changed: float) -> Last:
    told, absent = figures_of(PROGRAM, found(**changed))
    assert not absent
    return Last(machine, "abc0ld", "2026-11-01", arguments, told, is_quiet=True)


def beside(now: Found, before: Last | None, *, is_busy: bool = False) -> dict[str, Beside]:
    rows = compared(PROGRAM, now, before, arguments=(), is_busy=is_busy)
    return {f"{row.figure.name} {row.database}": row.beside for row in rows}


def test_bars_are_held_where_they_are_set_and_in_their_own_direction() -> None:
    rows = compared(PROGRAM, found(), None, arguments=(), is_busy=False)
    assert [(row.figure.name, row.database, row.is_met) for row in rows] == [
        ("requests", "postgresql", True),
        ("requests", "sqlite", False),
        ("work", "postgresql", True),
        ("work", "sqlite", None),
        ("queries", "postgresql", None),
        ("queries", "sqlite", None),
    ]
    assert not any(row.is_regression for row in rows), "a missed bar is told, it is no regression"


def test_a_bar_is_not_held_against_a_smaller_run() -> None:
    rows = compared(PROGRAM, found(), None, arguments=("--quick",), is_busy=False)
    assert {row.is_met for row in rows} == {None}
    assert "not held: a quick run" in table(rows)


def test_worse_by_more_than_noise_is_a_regression_and_less_is_not() -> None:
    now = found(postgresql_per_s=250 / 1.26, sqlite_per_s=200 / 1.24, sqlite_cpu_ms=5 * 1.16)
    stands = beside(now, last())
    assert stands["requests postgresql"] is Beside.WORSE
    assert stands["requests sqlite"] is Beside.SAME
    assert stands["work sqlite"] is Beside.WORSE
    assert stands["work postgresql"] is Beside.SAME
    assert beside(found(sqlite_queries=8), last())["queries sqlite"] is Beside.WORSE
    assert beside(found(sqlite_queries=6), last())["queries sqlite"] is Beside.BETTER


def test_what_is_hardly_anything_is_no_regression_however_many_times_as_much() -> None:
    before = last(sqlite_cpu_ms=0.2, postgresql_cpu_ms=0.2)
    stands = beside(found(sqlite_cpu_ms=0.6, postgresql_cpu_ms=0.9), before)
    assert stands["work sqlite"] is Beside.SAME
    assert stands["work postgresql"] is Beside.WORSE


def test_on_a_busy_machine_only_what_others_cannot_change_counts() -> None:
    now = found(postgresql_per_s=10, postgresql_cpu_ms=8.1, sqlite_cpu_ms=7, sqlite_queries=8)
    stands = beside(now, last(), is_busy=True)
    assert stands["requests postgresql"] is Beside.BUSY
    assert stands["work sqlite"] is Beside.BUSY, "caches are shared"
    assert stands["work postgresql"] is Beside.WORSE
    assert stands["queries sqlite"] is Beside.WORSE
    rows = compared(PROGRAM, now, None, arguments=(), is_busy=True)
    told = {row.name: line for row, line in zip(rows, table(rows).splitlines()[2:], strict=True)}
    assert told["S0 requests on postgresql"].endswith("MISSED beside other programs")
    assert told["S0 work on postgresql"].endswith("MISSED")


def test_another_machine_or_other_arguments_are_not_compared() -> None:
    slow = found(postgresql_cpu_ms=80)
    assert set(beside(slow, last(machine="another")).values()) == {Beside.ELSEWHERE}
    assert set(beside(slow, last(arguments=("--quick",))).values()) == {Beside.OTHERWISE}
    assert set(beside(slow, None).values()) == {Beside.NEW}
    rows = compared(PROGRAM, slow, last(machine="another"), arguments=(), is_busy=False)
    assert "not comparable: another machine" in table(rows)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "no JSON object"),
        ("S6 on sqlite: fine", "no JSON object"),
        ("[1]", "lacks bar, value"),
        ('{"bar": "S6", "value": 1, "unit": "s"}', "lacks detail, machine, commit"),
    ],
)
def test_a_last_line_that_is_no_report_is_refused_in_words(line: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        found_in(line)


def test_a_figure_that_is_not_told_is_named() -> None:
    told, absent = figures_of(PROGRAM, Found(HERE, "abc", {"sqlite_per_s": 3, "sqlite_queries": 1}))
    assert told == {"requests (sqlite)": 3, "queries (sqlite)": 1}
    assert "s0_nothing did not tell postgresql_per_s" in absent
    assert len(absent) == 4


def test_results_are_kept_by_program_and_those_that_did_not_run_stay(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    assert read_last(path) == {}
    write_last(path, {"S0": last(), "S9": last(sqlite_queries=9)})
    write_last(path, {"S0": last(sqlite_queries=5, arguments=("--quick",))})
    kept = read_last(path)
    assert kept["S9"] == last(sqlite_queries=9)
    assert kept["S0"].figures["queries (sqlite)"] == 5
    assert kept["S0"].arguments == ("--quick",)


def test_the_table_says_every_figure_in_one_line() -> None:
    rows = compared(PROGRAM, found(postgresql_per_s=190), last(), arguments=(), is_busy=False)
    lines = table(rows).splitlines()
    assert len(lines) == 2 + len(rows)
    [speed] = [line for line in lines if "requests" in line and "PostgreSQL" in line]
    assert speed.split() == [
        *("S0", "requests", "PostgreSQL", "190", "1/s", "≥", "240", "250", "-24%"),
        *("MISSED;", "worse", "than", "last"),
    ]


def test_the_page_shows_what_is_committed_with_its_origin_and_what_is_not_measured(
    tmp_path: Path,
) -> None:
    page = tmp_path / "page.md"
    page.write_text("Before\n<begin>\nold\n<end>\nafter\n", encoding="utf-8")
    other = Program("S5", "s5_other", seconds=1, figures=())
    renew(page, "<begin>", "<end>", committed([PROGRAM, other], {"S0": last()}))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("Before\n<begin>\n")
    assert text.endswith("<end>\nafter\n")
    assert "\nold\n" not in text
    assert "| S0 | requests | SQLite | 200 1/s | ≥ 240 | MISSED |" in text
    assert "S0: a machine, 2 cores; commit abc0ld; 2026-11-01." in text
    assert "Not measured yet: S5 (`python -m benchmarks.s5_other`)." in text
    with pytest.raises(ValueError, match="lacks the lines <there> and <end>"):
        renew(page, "<there>", "<end>", "")


PRINTS = """
import json, sys
print("one figure: 3")
print(json.dumps({"bar": "S0", "value": 3, "unit": "s", "machine": "m", "commit": "c", "detail": %s}))
"""


def program(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A program of its own in a folder that has a package ``benchmarks``."""
    (tmp_path / "benchmarks").mkdir(exist_ok=True)
    (tmp_path / "benchmarks/__init__.py").touch()
    (tmp_path / "benchmarks/s0_nothing.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    return PROGRAM


def test_a_program_is_shown_line_by_line_and_its_figures_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = bench.Run(last={})
    bench.carry_out(program(tmp_path, PRINTS % json.dumps(TOLD), monkeypatch), run)
    said = capsys.readouterr().out
    assert "  one figure: 3\n" in said
    assert '{"bar"' not in said
    assert len(run.rows) == 6
    assert run.kept["S0"].figures["requests (sqlite)"] == 200
    assert run.ends_with() == 0


def test_a_program_that_fails_or_tells_too_little_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = bench.Run(last={})
    bench.carry_out(program(tmp_path, "print('so far'); raise SystemExit(7)", monkeypatch), run)
    bench.carry_out(program(tmp_path, PRINTS % "{}", monkeypatch), run)
    assert run.failures[0] == "S0: It failed with 7; see its words above."
    assert run.failures[1] == "s0_nothing did not tell postgresql_per_s"
    assert run.ends_with() == bench.FAILED
    assert not run.rows


def test_a_program_that_does_not_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeps = "import time\nprint('begun')\ntime.sleep(60)"
    monkeypatch.setattr(bench, "_TIMES_ITS_TIME", 0.1)
    run = bench.Run(last={})
    bench.carry_out(program(tmp_path, sleeps, monkeypatch), run)
    assert run.failures == ["S0: It was ended after 1 s."]


def test_a_regression_ends_with_a_number_of_its_own() -> None:
    run = bench.Run(last={"S0": last()})
    run.take(PROGRAM, found(sqlite_cpu_ms=9), ())
    assert run.ends_with() == bench.WORSE


def test_the_whole_bench_fits_its_time_and_every_program_is_there() -> None:
    programs = bars_programs.PROGRAMS
    assert sum(each.seconds for each in programs) < bars.WHOLE_SECONDS
    assert len({each.bar for each in programs}) == len(programs)
    for each in programs:
        assert (Path(bench.__file__).parent / f"{each.module}.py").exists(), each.module
        assert len({figure.key for figure in each.figures}) == len(each.figures), each.bar


def test_asking_for_a_bar_that_is_not_there_names_those_that_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "S6", "S99"])
    with pytest.raises(SystemExit):
        bench.main()
    assert "There is no S99; there are S1 S2 S6" in capsys.readouterr().err
