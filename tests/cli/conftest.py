"""Commands on a database of their own, brought up by the real migrations."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from surveyapp.cli import commands

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("SURVEYAPP_HOME", str(home))
    monkeypatch.setenv("SURVEYAPP_LOG_LEVEL", "WARNING")
    for name in ("SURVEYAPP_DATABASE_URL", "SURVEYAPP_QUESTIONNAIRES", "SURVEYAPP_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def run(home: Path) -> Run:
    """Run a command; unless said otherwise it must succeed, and it never ends in a traceback."""

    def run(*arguments: str, exit_code: int = 0, **settings: str) -> Result:
        result = CliRunner(env=settings).invoke(commands, arguments)
        assert result.exit_code == exit_code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return run


@pytest.fixture
def ready(run: Run) -> Run:
    """The same, once the tables are there."""
    run("database", "upgrade")
    return run


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    """Four good account sheets: one supplier, two buyers, three people."""
    folder = tmp_path / "accounts"
    folder.mkdir()
    files = {
        "organisations": "reference,name\nus,Kestrin\na1,Aldermere\nb1,Brook\n",
        "relationships": "buyer,supplier\na1,us\nb1,us\n",
        "contacts": "email,name,organisation\nann@a.example,Ann,a1\nbo@b.example,Bo,b1\n"
        "maren@k.example,Maren,us\n",
        "stakeholders": "email,buyer,supplier,function,influence\n"
        "ann@a.example,a1,us,procurement,decides\nbo@b.example,b1,us,it,uses\n"
        "maren@k.example,a1,us,sales,influences\n",
    }
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder
