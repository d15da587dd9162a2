"""The programs that ``make bench`` runs, in this order, and the figures each must tell."""

from typing import Final

from benchmarks.bars import (
    FLAT,
    GROWTH,
    POSTGRESQL,
    SQLITE,
    Figure,
    Kind,
    Program,
)

PROGRAMS: Final = (
    Program(
        "S1",
        "s1_journey",
        seconds=75,
        figures=(
            Figure(
                "requests a second",
                "{database}_requests_per_s",
                "1/s",
                Kind.CLOCK,
                reach={POSTGRESQL: 240},
                is_more_better=True,
            ),
            Figure(
                "processor time of a request",
                "{database}_web_cpu_ms_a_request",
                "ms",
                Kind.PROCESSOR,
                reach={POSTGRESQL: 4.5},
            ),
            Figure("POST p95", "{database}_post_p95_ms", "ms", Kind.TAIL, reach={POSTGRESQL: 60}),
        ),
        arguments=("--quick",),
    ),
    Program(
        "S2",
        "s2_first_page",
        seconds=45,
        figures=(
            Figure("first page p50", "{database}_p50_ms", "ms", Kind.CLOCK, reach=20),
            Figure("its processor time", "{database}_web_cpu_ms", "ms", Kind.PROCESSOR),
        ),
    ),
    Program(
        "S6",
        "s6_scoring",
        seconds=80,
        figures=(
            Figure(
                "scoring a million answers",
                "{database}_s",
                "s",
                Kind.CLOCK,
                reach={POSTGRESQL: 3, SQLITE: 5},
            ),
            Figure("its processor time", "{database}_cpu_s", "s", Kind.PROCESSOR),
        ),
        arguments=("--times", "1"),
    ),
    Program(
        "S7",
        "s7_scorecard",
        seconds=60,
        figures=(
            Figure("one scorecard", "{database}_one_s", "s", Kind.CLOCK, reach=0.35),
            Figure("its processor time", "{database}_one_worked_s", "s", Kind.PROCESSOR),
            Figure(
                "scorecards a minute, two workers",
                "{database}_two_workers_a_minute",
                "1/min",
                Kind.CLOCK,
                reach=300,
                is_more_better=True,
            ),
        ),
        arguments=("--quick",),
    ),
    Program(
        "S8",
        "s8_launch",
        seconds=130,
        figures=(
            Figure("launch to 100,000 contacts", "{database}_launch_s", "s", Kind.CLOCK, reach=60),
            Figure("processor time of the worker", "{database}_worker_cpu_s", "s", Kind.PROCESSOR),
            Figure("memory the worker gains", "{database}_worker_gains_mb", "MB", Kind.MEMORY),
            Figure("a save meanwhile, p95", "{database}_save_p95_ms", "ms", Kind.TAIL),
        ),
    ),
    Program(
        "S9",
        "s9_lists",
        seconds=140,
        figures=(
            Figure("slowest list p95", "{database}_slowest_p95_ms", "ms", Kind.TAIL, reach=300),
            Figure("its processor time", "{database}_slowest_cpu_p95_ms", "ms", Kind.PROCESSOR),
            Figure("most queries of a list", "{database}_most_queries", "", Kind.COUNT),
        ),
    ),
    Program(
        "S10",
        "s10_questionnaire",
        seconds=40,
        figures=(
            Figure("check and publish 1,000 items", "{database}_s", "s", Kind.CLOCK, reach=0.3),
            Figure("its processor time", "{database}_cpu_s", "s", Kind.PROCESSOR),
        ),
    ),
    Program(
        "S11",
        "s11_web_process",
        seconds=45,
        figures=(
            Figure("start to first answer", "{database}_start_s", "s", Kind.CLOCK, reach=2),
            Figure("its processor time", "{database}_start_cpu_s", "s", Kind.PROCESSOR),
            Figure(
                "memory of a web process",
                "{database}_rss_mb_after_requests",
                "MB",
                Kind.MEMORY,
                reach=100,
            ),
            Figure(
                "memory of its own (USS)", "{database}_uss_mb_after_requests", "MB", Kind.MEMORY
            ),
        ),
        arguments=("--quick",),
    ),
    Program(
        "S12",
        "s12_pages_while_rendering",
        seconds=125,
        figures=(
            Figure(
                "page p99 while PDFs are made, times idle",
                "{database}_times_idle",
                "times",
                Kind.RATIO,
                reach=1.2,
            ),
        ),
        arguments=("--requests", "720"),
    ),
    Program(
        "growth",
        "growth",
        seconds=150,
        figures=tuple(
            figure
            for name in GROWTH
            for figure in (
                Figure(
                    f"{name}: cost of one, 100x to 1x",
                    f"{{database}}_{name}_times",
                    "times",
                    Kind.RATIO,
                    reach=FLAT,
                ),
                Figure(f"{name}: queries at 100x", f"{{database}}_{name}_queries", "", Kind.COUNT),
            )
        ),
    ),
)
