import os
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from benchmarks import growth_page
from benchmarks.bars import GROWTH
from benchmarks.growth_costs import growth_of_queries, queries_told, worst_step
from benchmarks.growth_meter import Cost, Meter
from surveyapp.extensions import reading


def cost(units: int, processor_s: float, queries: int = 10) -> Cost:
    return Cost(units, processor_s * 2, processor_s, 3.0, queries)


def test_a_step_up_shows_although_the_smallest_size_was_dearest() -> None:
    costs = [cost(10, 1.0), cost(100, 2.0), cost(1000, 40.0)]
    assert [each.unit_us for each in costs] == pytest.approx([100_000, 20_000, 40_000])
    assert worst_step(costs) == pytest.approx(2.0)
    assert worst_step([cost(1, 0.1), cost(1, 0.1), cost(1, 0.05)]) == pytest.approx(1.0)


def test_queries_of_a_page_are_counted_and_those_of_an_amount_by_the_unit() -> None:
    assert queries_told(cost(1, 1, queries=12)) == 12
    assert queries_told(cost(5_000, 1, queries=600)) == 120
    assert growth_of_queries([cost(1, 1, 10), cost(1, 1, 12)]) == pytest.approx(1.2)
    assert growth_of_queries([cost(10, 1, 10), cost(1_000, 1, 100)]) == pytest.approx(0.1)


def test_the_meter_sees_work_memory_and_queries(app: Flask) -> None:
    meter = Meter(None)
    held: list[bytearray] = []

    def work() -> None:
        until = time.process_time() + 0.05
        held.append(bytearray(os.urandom(1)) * (40 * 2**20))
        held.clear()
        while time.process_time() < until:
            pass

    def ask() -> None:
        with reading() as session:
            session.scalar(select(1))

    found = meter.once(2, work)
    assert 0.05 <= found.processor_s < 1
    assert found.unit_us == pytest.approx(found.processor_s / 2 * 1e6)
    assert 35 < found.peak_mb < 60
    assert found.queries == 0
    with app.app_context():
        asked = meter.typical(1, ask, rounds=3)
    assert 1 <= asked.queries <= 3  # SQLite is told that it may not write, too
    assert asked.peak_mb < 10


def test_the_page_gets_a_table_a_sentence_and_a_chart(tmp_path: Path) -> None:
    page = tmp_path / growth_page.PAGE
    page.write_text(f"# 13\n\n{growth_page.BEGIN}\n{growth_page.END}\n\nend\n", encoding="utf-8")
    flat = {name: cost(1, 0.01) for name in GROWTH}
    steep = flat | {"wave": cost(1, 0.1, queries=20)}
    growth_page.write(tmp_path, {"sqlite": {1: flat, 10: steep}}, machine="a machine", is_busy=True)
    text = page.read_text(encoding="utf-8")
    assert (
        "| page of a wave, counted anew | 10 ms / 100 ms | **10.00** | 200 ms | 10 / 20 | 3 / 3 |"
        in text
    )
    assert "| list of people | 10 ms / 10 ms | 1.00 | 20 ms | 10 / 10 | 3 / 3 |" in text
    assert (
        "Dearer by more than 1.3 times: page of a wave, counted anew. More queries: page of a wave, counted anew."
        in text
    )
    assert "**other programs ran, so times are upper bounds**." in text
    assert text.endswith("\n\nend\n")
    svg = ET.fromstring((tmp_path / growth_page.CHART).read_text(encoding="utf-8"))  # noqa: S314 our own drawing
    assert svg[0].tag.endswith("title")
    words = [each.text for each in svg.iter() if each.tag.endswith("text")]
    assert "SQLite" in words
    assert "wave 10" in words
    assert {f"{name} 1" for name in GROWTH if name != "wave"} <= set(words)
