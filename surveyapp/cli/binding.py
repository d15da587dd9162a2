"""Where to listen, as the command line takes it: refused before a server is started on nonsense."""

import re

import click

_LARGEST_PORT = 65_535
_HOST_AND_PORT = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s:\[\]/]+):(\d{1,5})")


def checked_binding(_ctx: click.Context, _option: click.Parameter, bind: str | None) -> str | None:
    """Return ``HOST:PORT`` as gunicorn takes it; an IPv6 host stands in brackets."""
    if bind is None:
        return None
    found = _HOST_AND_PORT.fullmatch(bind)
    if found is None or int(found[1]) > _LARGEST_PORT:
        raise click.BadParameter(
            f"{bind!r} is no host with a port. Write one such as 127.0.0.1:8000 or [::1]:8000."
        )
    return bind
