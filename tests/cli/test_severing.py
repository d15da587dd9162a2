"""An anonymous wave from the command line: cuts declared, closed for good, answers severed."""

from pathlib import Path

from surveyapp.resources import bundled
from tests.cli.conftest import Run


def test_closing_an_anonymous_wave_severs_its_answers_then_scores_them(
    ready: Run, sheets: Path, tmp_path: Path
) -> None:
    for number in range(5):
        with (sheets / "contacts.csv").open("a", encoding="utf-8") as contacts:
            contacts.write(f"p{number}@a.example,Person {number},a1\n")
        with (sheets / "stakeholders.csv").open("a", encoding="utf-8") as parts:
            parts.write(f"p{number}@a.example,a1,us,it,uses\n")
    folder = tmp_path / "annual-customer-survey"
    folder.mkdir()
    plain = (bundled("questionnaires") / folder.name / "questionnaire.yaml").read_text("utf-8")
    anonymous = plain.replace("anonymity: identified", "anonymity: anonymous")
    (folder / "questionnaire.yaml").write_text(anonymous, encoding="utf-8")
    ready("programmes", "create", "kestrin", "--name", "Kestrin")
    ready("accounts", "import", "kestrin", str(sheets))
    drafted = ("kestrin", "spring", "--name", "Spring", "--questionnaire", str(folder))
    ready("waves", "create", *drafted, "--closes", "2999-04-30", "--cut", "function")
    ready("waves", "launch", "kestrin", "spring", "--here")
    said = ready("waves", "close", "kestrin", "spring", "--here").output
    assert "Its anonymous answers are severed from people." in said
    assert (
        "who is silent is not known any more"
        in ready("waves", "status", "kestrin", "spring").output
    )
    reopen = ("waves", "reopen", "kestrin", "spring", "--closes", "2999-06-30", "--reason", "More")
    assert "was anonymous" in ready(*reopen, exit_code=2).stderr
