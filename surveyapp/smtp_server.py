"""The mail server in the settings: where it is, how safely it is reached, who we say we are."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from surveyapp.errors import Invalid

Security = Literal["tls", "starttls", "none"]
_PORTS: Final = {"smtp": 587, "smtps": 465}
_OPTIONS: Final = {"tls", "timeout"}
_LONGEST_TIMEOUT: Final = 30
"""A message waits for up to ten answers, and its claim lasts five minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """The mail server that messages are handed to."""

    host: str
    port: int
    security: Security
    """``tls`` from the first byte, ``starttls`` or not at all before anything is said, or in the clear."""
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 30.0
    """How long one answer of the server may take."""

    @classmethod
    def from_url(cls, url: str) -> "SmtpServer | None":
        """Read SURVEYAPP_SMTP_URL; empty means that there is no server. Raises Invalid."""
        if not url:
            return None
        try:
            parts = urlsplit(url)
            port, options = (
                parts.port,
                dict(parse_qsl(parts.query, strict_parsing=bool(parts.query))),
            )
        except ValueError:
            parts, port, options = urlsplit(""), None, {}
        is_plain = not (parts.path.strip("/") or parts.fragment) and options.keys() <= _OPTIONS
        if parts.scheme not in _PORTS or not parts.hostname or port == 0 or not is_plain:
            # the address itself stays out of the sentence: it may hold a password
            raise Invalid(
                "SURVEYAPP_SMTP_URL cannot be used. Write smtp://user:password@host:587 or"
                " smtps://user:password@host:465, special characters in the password as %40 and so on;"
                " ?tls=never, ?tls=always and ?timeout=30 may follow."
            )
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if bool(user) != bool(password) or not (user + password).isascii():
            raise Invalid(
                "SURVEYAPP_SMTP_URL needs a name and a password, or neither, both of plain ASCII characters."
            )
        return cls(
            host=parts.hostname,
            port=port or _PORTS[parts.scheme],
            security=_security(
                parts.scheme,
                options.get("tls"),
                is_loopback=_is_loopback(parts.hostname),
                has_password=bool(password),
            ),
            user=user,
            password=password,
            timeout_seconds=_timeout(options.get("timeout", "30")),
        )


def _security(scheme: str, tls: str | None, *, is_loopback: bool, has_password: bool) -> Security:
    if tls not in {None, "always", "never"}:
        raise Invalid(f"SURVEYAPP_SMTP_URL says tls={tls}. Write tls=always or tls=never.")
    if scheme == "smtps":
        if tls == "never":
            raise Invalid("SURVEYAPP_SMTP_URL says smtps:// and tls=never. Choose one of the two.")
        return "tls"
    if tls == "always" or (tls is None and not is_loopback):
        return "starttls"
    if has_password and not is_loopback:
        raise Invalid(
            "SURVEYAPP_SMTP_URL would send its password readable by anybody on the way."
            " Leave tls=never out, or the password."
        )
    return "none"


def _timeout(value: str) -> float:
    seconds = int(value) if value.isascii() and value.isdigit() and len(value) <= 2 else 0  # noqa: PLR2004 two digits
    if not 1 <= seconds <= _LONGEST_TIMEOUT:
        raise Invalid(
            f"SURVEYAPP_SMTP_URL says timeout={value}. Give whole seconds, 1 to {_LONGEST_TIMEOUT}."
        )
    return float(seconds)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name
        return False
