"""Settings: everything has a default; what cannot be used is named at once, with a remedy."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from surveyapp.app import create_app
from surveyapp.errors import Invalid
from surveyapp.settings import Settings


def read(home: Path, **environ: str) -> Settings:
    return Settings.from_env({"SURVEYAPP_HOME": str(home), **environ})


def test_nothing_need_be_set(tmp_path: Path) -> None:
    settings = Settings.from_env({"HOME": str(tmp_path)})
    assert settings.home == tmp_path / ".local/share/surveyapp"
    assert settings.database_url == f"sqlite:///{settings.home}/surveyapp.db"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert not settings.is_https
    assert (settings.outbox, settings.storage) == (
        settings.home / "outbox",
        settings.home / "files",
    )
    assert settings.queue_path.parent == settings.home
    elsewhere = Settings.from_env({"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")})
    assert elsewhere.home == tmp_path / "data/surveyapp"


def test_keys_are_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first, again = read(tmp_path), read(tmp_path)
    assert (first.secret_key, first.link_key) == (again.secret_key, again.link_key)
    assert first.secret_key != first.link_key
    assert len(first.link_key) == 64
    assert first.signing_key == again.signing_key
    assert len(first.signing_key) == 32
    names = ["link.key", "secret.key", "signing.key"]
    for name in names:
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: read(tmp_path).link_key, range(16)))
    assert len(keys) == 1


@pytest.mark.parametrize("content", ["", "short", "\n"])
def test_a_key_file_that_is_too_short_is_named(tmp_path: Path, content: str) -> None:
    read(tmp_path)
    (tmp_path / "link.key").write_text(content, encoding="utf-8")
    with pytest.raises(Invalid, match=r"link\.key"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SURVEYAPP_SECRET_KEY", "short", "at least 32"),
        ("SURVEYAPP_LINK_KEY", "short", "at least 32"),
        ("SURVEYAPP_SIGNING_KEY", "not hexadecimal digits, but long enough", "64 hex digits"),
        ("SURVEYAPP_DATABASE_URL", "mysql://host/name", "begins with 'mysql'"),
        ("SURVEYAPP_DATABASE_URL", "postgresql://host/name", "postgresql\\+psycopg"),
        ("SURVEYAPP_DATABASE_URL", "sqlite://", "a file"),
        ("SURVEYAPP_DATABASE_URL", "sqlite:///:memory:", "a file"),
        ("SURVEYAPP_DATABASE_URL", "sqlite:///here.db", "whole path"),
        ("SURVEYAPP_BASE_URL", "survey.example.com", "scheme and host"),
        ("SURVEYAPP_BASE_URL", "ftp://survey.example.com", "scheme and host"),
        ("SURVEYAPP_BASE_URL", "https://survey.example.com/sub", "scheme and host"),
        ("SURVEYAPP_BASE_URL", "https://survey.example.com?x=1", "scheme and host"),
        ("SURVEYAPP_BASE_URL", "https://survey.example.com#x", "scheme and host"),
        ("SURVEYAPP_BASE_URL", "https://me:pw@survey.example.com", "scheme and host"),
        ("SURVEYAPP_BASE_URL", "https://survey.example.com:99999", "scheme and host"),
        ("SURVEYAPP_BASE_URL", "https://[survey", "scheme and host"),
        ("SURVEYAPP_LOG_LEVEL", "LOUD", "one of DEBUG"),
        ("SURVEYAPP_LOG_JSON", "maybe", "0 or 1"),
        ("SURVEYAPP_MIRRORED_LANGUAGE", "ar", "0 or 1"),
        ("SURVEYAPP_MAIL_SENDER", "surveys", "an address"),
        ("SURVEYAPP_MAIL_SENDER", "a@example.com\nBcc: b@example.com", "an address"),
        ("SURVEYAPP_MAIL_SENDER", "Kestrin <a@example.com>", "an address"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(
    tmp_path: Path, name: str, value: str, words: str
) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        read(tmp_path, **{name: value})
    assert name in str(refused.value)


@pytest.mark.parametrize("below", ["", "/below"])
def test_a_home_that_cannot_be_a_folder_is_named(tmp_path: Path, below: str) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(Invalid, match="SURVEYAPP_HOME"):
        read(Path(f"{tmp_path / 'taken'}{below}"))


def test_what_is_set_is_used(tmp_path: Path) -> None:
    settings = read(
        tmp_path / "new",
        SURVEYAPP_BASE_URL="https://survey.example.com/",
        SURVEYAPP_SECRET_KEY="s" * 32,
        SURVEYAPP_LINK_KEY="l" * 32,
        SURVEYAPP_SIGNING_KEY="0f" * 32,
        SURVEYAPP_QUESTIONNAIRES="/etc/one:/etc/two",
        SURVEYAPP_LOG_LEVEL="debug",
        SURVEYAPP_LOG_JSON="1",
        SURVEYAPP_MAIL_SENDER="surveys@example.com",
        SURVEYAPP_DATABASE_URL=f"sqlite:///{tmp_path}/data.db",
    )
    assert (settings.base_url, settings.is_https) == ("https://survey.example.com", True)
    assert (settings.secret_key, settings.link_key) == (b"s" * 32, b"l" * 32)
    assert settings.signing_key == b"\x0f" * 32
    assert settings.signed_by == "survey.example.com"
    assert settings.questionnaire_folders == (Path("/etc/one"), Path("/etc/two"))
    assert (settings.log_level, settings.log_json) == ("DEBUG", True)
    assert settings.mail_sender == "surveys@example.com"
    assert list((tmp_path / "new").iterdir()) == [], "keys that are given are not written down"
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_encrypted_addresses_get_secure_cookies(tmp_path: Path) -> None:
    app = create_app(read(tmp_path, SURVEYAPP_BASE_URL="https://survey.example.com"))
    assert app.config["SESSION_COOKIE_SECURE"] is True
    assert create_app(read(tmp_path)).config["SESSION_COOKIE_SECURE"] is False


def test_how_long_what_was_not_sent_is_kept(tmp_path: Path) -> None:
    home = {"SURVEYAPP_HOME": str(tmp_path)}
    assert Settings.from_env(home).unsent_kept == timedelta(days=30)
    assert Settings.from_env({**home, "SURVEYAPP_UNSENT_DAYS": "0"}).unsent_kept == timedelta()
    for value in ("-1", "366", "soon", "1.5"):
        with pytest.raises(Invalid, match="0 to 365"):
            Settings.from_env({**home, "SURVEYAPP_UNSENT_DAYS": value})
