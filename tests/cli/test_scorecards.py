"""``surveyapp scorecards zip``: one wave from the sheets to a ZIP whose PDFs check."""

import zipfile
from pathlib import Path

from tests.cli.conftest import Run


def test_a_whole_wave_becomes_one_zip_of_documents_that_check(
    ready: Run, sheets: Path, tmp_path: Path
) -> None:
    ready("programmes", "create", "kestrin", "--name", "Kestrin")
    ready("accounts", "import", "kestrin", str(sheets))
    questionnaire = ("--questionnaire", "annual-customer-survey")
    ready(
        "waves",
        "create",
        "kestrin",
        "spring",
        "--name",
        "Spring",
        "--closes",
        "2999-04-30",
        *questionnaire,
    )
    early = ready("scorecards", "zip", "kestrin", "spring", exit_code=2).output
    assert "has no scores yet" in early
    ready("waves", "launch", "kestrin", "spring", "--here")
    ready("waves", "close", "kestrin", "spring", "--here")
    target = tmp_path / "all.zip"
    asked = ("scorecards", "zip", "kestrin", "spring")
    told = ready(*asked, "--here", "--output", str(target)).output
    assert "2 scorecards are in one ZIP of 0." in told
    assert f"It is in {target}." in told
    with zipfile.ZipFile(target) as opened:
        names = opened.namelist()
        opened.extractall(tmp_path)
    assert [name.partition(" and ")[0] for name in names] == ["Aldermere", "Brook"]
    fingerprint = ready("reports", "key").output.partition("\t")[0]
    checked = ready("verify", str(tmp_path / names[0]), "--key", fingerprint).output
    assert checked.endswith("All of it holds.\n")
    first = target.read_bytes()
    ready(*asked, "--here", "--output", str(target))
    assert target.read_bytes() == first
    assert "add --wait or --here" in ready(*asked, "--output", str(target), exit_code=2).output
    nowhere = ready(*asked, "--here", "--output", "/nowhere/all.zip", exit_code=2).output
    assert "cannot be written" in nowhere
