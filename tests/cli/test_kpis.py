"""``surveyapp kpis`` from end to end: define, list, import, show, withdraw."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def kestrin(ready: Run, sheets: Path) -> Run:
    ready("programmes", "create", "kestrin", "--name", "Kestrin key accounts")
    ready("accounts", "import", "kestrin", str(sheets))
    return ready


@pytest.fixture
def quarter(tmp_path: Path) -> Path:
    path = tmp_path / "quarter.csv"
    path.write_text(
        "buyer,supplier,period,on_time_numerator,on_time_denominator\n"
        "a1,us,2025Q4,9,10\nb1,us,2025Q4,7,10\n",
        encoding="utf-8",
    )
    return path


def test_facts_go_from_the_catalogue_to_values_and_back(kestrin: Run, quarter: Path) -> None:
    assert "There is no KPI yet" in kestrin("kpis", "list", "kestrin").output
    assert "on_time\tservice\tDelivered on time" in kestrin("kpis", "list", "--catalogue").output
    kestrin("kpis", "define", "kestrin", "on_time", "--target", "0.8")
    dry = kestrin("kpis", "import", "kestrin", str(quarter), "--dry-run")
    assert "on_time: 2 new, 0 corrected, 0 unchanged" in dry.output
    assert "0 current, 0 stale, 2 without" in kestrin("kpis", "list", "kestrin").output
    done = kestrin("kpis", "import", "kestrin", str(quarter))
    batch = done.output.partition("batch ")[2].partition(".")[0]
    assert "Nothing was added" in kestrin("kpis", "import", "kestrin", str(quarter)).output
    shown = kestrin("kpis", "show", "kestrin", "on_time", "--on", "2026-03-01").output
    assert "target: 0.8" in shown
    assert shown.index("Brook, Kestrin\t70%\t60 days old") < shown.index("Aldermere, Kestrin\t90%")
    late = kestrin("kpis", "show", "kestrin", "on_time", "--on", "2027-03-01").output
    assert "425 days old, stale" in late
    assert "2 values" in kestrin("kpis", "withdraw", "kestrin", batch).output
    kestrin("kpis", "withdraw", "kestrin", batch, exit_code=2)
    assert "2 have no value" in kestrin("kpis", "show", "kestrin", "on_time").output


def test_a_kpi_of_ones_own_needs_what_the_catalogue_would_say(kestrin: Run) -> None:
    refused = kestrin("kpis", "define", "kestrin", "speed", "--name", "Speed", exit_code=2)
    assert "--family, --unit, --direction, --aggregation" in refused.output
    said = ["--family", "service", "--unit", "points", "--direction", "higher"]
    whole = ["--name", "Speed", *said, "--aggregation", "last", "--shown-only"]
    assert "kpi.speed is defined" in kestrin("kpis", "define", "kestrin", "speed", *whole).output
    again = kestrin("kpis", "define", "kestrin", "speed", *whole, exit_code=2)
    assert "There is a KPI speed already" in again.output


def test_problems_of_a_file_are_listed_with_their_cells(kestrin: Run, tmp_path: Path) -> None:
    kestrin("kpis", "define", "kestrin", "on_time")
    path = tmp_path / "wrong.csv"
    path.write_text("organisation,period,on_time\nnobody,2025Q9,0.9\n", encoding="utf-8")
    for more in ([], ["--dry-run"]):
        refused = kestrin("kpis", "import", "kestrin", str(path), *more, exit_code=2)
        assert "wrong.csv!B2: '2025Q9' is not a period" in refused.output
    kestrin("kpis", "import", "kestrin", str(tmp_path / "none.csv"), exit_code=2)
