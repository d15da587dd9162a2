"""Settings: the only reader of the environment. Everything has an embedded default."""

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from surveyapp.errors import Invalid
from surveyapp.smtp_server import SmtpServer

_KEY_LENGTH = 32
"""128 bits and more, even when written as hex."""
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_SIGNING_KEY = re.compile(r"[0-9a-fA-F]{64}")
_UNSENT_DAYS_MOST = 365
"""Nobody who never sent expects their words to be kept longer than that."""
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator can set; each field names its ``SURVEYAPP_*`` variable."""

    home: Path
    """SURVEYAPP_HOME: folder for everything the embedded default stores."""
    database_url: str
    """SURVEYAPP_DATABASE_URL: an SQLAlchemy address; SQLite in ``home`` by default."""
    base_url: str
    """SURVEYAPP_BASE_URL: how people reach this server, without a slash at the end."""
    secret_key: bytes
    """SURVEYAPP_SECRET_KEY: signs cookies and form tokens."""
    link_key: bytes
    """SURVEYAPP_LINK_KEY: makes the personal links. Keep it out of database backups."""
    signing_key: bytes
    """SURVEYAPP_SIGNING_KEY: signs documents (Ed25519, 32 bytes written as 64 hex digits)."""
    mail_sender: str
    """SURVEYAPP_MAIL_SENDER: address that mail comes from."""
    smtp: SmtpServer | None
    """SURVEYAPP_SMTP_URL: the mail server; without it each mail becomes a file in the outbox."""
    questionnaire_folders: tuple[Path, ...]
    """SURVEYAPP_QUESTIONNAIRES: folders searched before the bundled library, separated by ``:``."""
    rate_limits_url: str
    """SURVEYAPP_RATE_LIMITS: where tries are counted; ``memory://`` counts in each web process."""
    proxies: int
    """SURVEYAPP_PROXIES: how many proxies stand before the pages and tell the real address."""
    log_level: str
    """SURVEYAPP_LOG_LEVEL: DEBUG, INFO, WARNING or ERROR."""
    log_json: bool
    """SURVEYAPP_LOG_JSON: 1 for one JSON object a line."""
    has_mirrored_language: bool
    """SURVEYAPP_MIRRORED_LANGUAGE: 1 offers respondents a made-up language from right to left."""
    unsent_days: int
    """SURVEYAPP_UNSENT_DAYS: so many days after the close of waves launched from now on, what was typed
    and not sent is erased."""

    @property
    def unsent_kept(self) -> timedelta:
        """How long what was typed and not sent outlives the close of a wave that promised nothing."""
        return timedelta(days=self.unsent_days)

    @property
    def outbox(self) -> Path:
        """Where the default transport writes ``.eml`` files. They hold live links."""
        return self.home / "outbox"

    @property
    def storage(self) -> Path:
        """Where files are kept by content hash."""
        return self.home / "files"

    @property
    def queue_path(self) -> Path:
        """The embedded queue's own SQLite file, apart from the data."""
        return self.home / "queue.db"

    @property
    def signed_by(self) -> str:
        """The name under which documents are signed: the host that people reach."""
        return urlsplit(self.base_url).netloc

    @property
    def is_https(self) -> bool:
        """Whether people reach this server encrypted: secure cookies and HSTS follow."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; keys that are not set are made once and kept in ``home``.

        Raises
        ------
        Invalid
            A variable holds something that cannot be used; the sentence names it.
        """
        home = _home(environ)
        folders = environ.get("SURVEYAPP_QUESTIONNAIRES", "")
        return cls(
            home=home,
            database_url=_database_url(environ, home),
            base_url=_base_url(environ),
            secret_key=_key(environ, "SURVEYAPP_SECRET_KEY", home / "secret.key"),
            link_key=_key(environ, "SURVEYAPP_LINK_KEY", home / "link.key"),
            signing_key=_signing_key(environ, home / "signing.key"),
            mail_sender=_mail_sender(environ),
            smtp=SmtpServer.from_url(environ.get("SURVEYAPP_SMTP_URL", "")),
            questionnaire_folders=tuple(Path(part) for part in folders.split(os.pathsep) if part),
            rate_limits_url=_rate_limits_url(environ),
            proxies=_proxies(environ),
            log_level=_log_level(environ),
            log_json=_switch(environ, "SURVEYAPP_LOG_JSON"),
            has_mirrored_language=_switch(environ, "SURVEYAPP_MIRRORED_LANGUAGE"),
            unsent_days=_unsent_days(environ),
        )


def _home(environ: Mapping[str, str]) -> Path:
    home = Path(environ.get("SURVEYAPP_HOME") or _default_home(environ)).expanduser().absolute()
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Invalid(
            f"The folder {home} cannot be made: {error.strerror}. Set SURVEYAPP_HOME to one that can."
        ) from error
    return home


def _default_home(environ: Mapping[str, str]) -> str:
    data = environ.get("XDG_DATA_HOME") or f"{environ.get('HOME') or '~'}/.local/share"
    return f"{data}/surveyapp"


def _database_url(environ: Mapping[str, str], home: Path) -> str:
    url = environ.get("SURVEYAPP_DATABASE_URL") or f"sqlite:///{home}/surveyapp.db"
    if not url.startswith(("sqlite://", "postgresql+psycopg://")):
        raise Invalid(
            f"SURVEYAPP_DATABASE_URL begins with {url.partition(':')[0]!r}. Use"
            " postgresql+psycopg://user@host/name, sqlite:////path/to/file, or leave it out."
        )
    if url.startswith("sqlite") and not url.startswith("sqlite:////"):
        # web and worker are several processes, started anywhere
        raise Invalid(
            f"SURVEYAPP_DATABASE_URL is {url!r}. SQLite needs a file and its whole path:"
            " sqlite:////path/to/file"
        )
    return url


def _base_url(environ: Mapping[str, str]) -> str:
    url = environ.get("SURVEYAPP_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
    if not _is_scheme_and_host(url):
        raise Invalid(
            f"SURVEYAPP_BASE_URL is {url!r}. Give scheme and host only, as in https://survey.example.com"
        )
    return url


def _is_scheme_and_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # a port or an IPv6 address that cannot be
        return False
    host = parts.hostname or ""
    plain = f"[{host}]{port}" if ":" in host else f"{host}{port}"
    is_web = parts.scheme in {"http", "https"}
    return is_web and host != "" and url.lower() == f"{parts.scheme}://{plain}"


def _mail_sender(environ: Mapping[str, str]) -> str:
    address = environ.get("SURVEYAPP_MAIL_SENDER", "surveyapp@localhost")
    if not _ADDRESS.fullmatch(address):
        raise Invalid(
            f"SURVEYAPP_MAIL_SENDER is {address!r}. Give an address only, as in surveys@example.com"
        )
    return address


def _rate_limits_url(environ: Mapping[str, str]) -> str:
    url = environ.get("SURVEYAPP_RATE_LIMITS") or "memory://"
    if not url.startswith(("memory://", "redis://", "rediss://")):
        raise Invalid(
            f"SURVEYAPP_RATE_LIMITS begins with {url.partition(':')[0]!r}. Use redis://host:6379,"
            " or leave it out to count in memory."
        )
    return url


def _proxies(environ: Mapping[str, str]) -> int:
    value = environ.get("SURVEYAPP_PROXIES") or "0"
    if not (value.isascii() and value.isdigit() and len(value) == 1):
        raise Invalid(
            f"SURVEYAPP_PROXIES is {value!r}. Give the number of proxies before the pages, 0 to 9."
        )
    return int(value)


def _unsent_days(environ: Mapping[str, str]) -> int:
    value = environ.get("SURVEYAPP_UNSENT_DAYS") or "30"
    if not (value.isascii() and value.isdigit() and int(value) <= _UNSENT_DAYS_MOST):
        raise Invalid(
            f"SURVEYAPP_UNSENT_DAYS is {value!r}. Give a number of days, 0 to {_UNSENT_DAYS_MOST}."
        )
    return int(value)


def _switch(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name) or "0"
    if value not in {"0", "1"}:
        raise Invalid(f"{name} is {value!r}. Set it to 0 or 1.")
    return value == "1"


def _log_level(environ: Mapping[str, str]) -> str:
    level = environ.get("SURVEYAPP_LOG_LEVEL", "INFO").upper()
    if level not in _LOG_LEVELS:
        raise Invalid(f"SURVEYAPP_LOG_LEVEL is {level!r}. Use one of {', '.join(_LOG_LEVELS)}.")
    return level


def _key(environ: Mapping[str, str], name: str, path: Path) -> bytes:
    if value := environ.get(name):
        if len(value) < _KEY_LENGTH:
            raise Invalid(f"{name} is too short. Give at least {_KEY_LENGTH} random characters.")
        return value.encode()
    if not path.exists():
        _write_once(path, secrets.token_hex(_KEY_LENGTH))
    key = path.read_bytes()
    if len(key) < _KEY_LENGTH:
        raise Invalid(
            f"The key in {path} is cut off. Restore it from where keys are kept, or set {name};"
            " with a new link key the links mailed so far stop working."
        )
    return key


def _signing_key(environ: Mapping[str, str], path: Path) -> bytes:
    digits = _key(environ, "SURVEYAPP_SIGNING_KEY", path).decode(errors="replace").strip()
    if not _SIGNING_KEY.fullmatch(digits):
        raise Invalid(
            "The signing key (SURVEYAPP_SIGNING_KEY, or the file signing.key in the home) is not 64"
            " hex digits. Restore the one you had: with another, documents carry another fingerprint."
        )
    return bytes.fromhex(digits)


def _write_once(path: Path, text: str) -> None:
    """Create the file whole or not at all; of two processes that start at once the first wins."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)  # mkstemp makes it 0600
    temporary = Path(name)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        pass  # the other process was first; its key is the one to read
    finally:
        temporary.unlink()
