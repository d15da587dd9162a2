"""Where to listen, as the command line takes it: refused before a server is started on nonsense."""

import re
from typing import Any

import click

_LARGEST_PORT = 65_535
_HOST_AND_PORT = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s:\[\]/]+):(\d{1,5})")


class Binding(click.ParamType):
    """``HOST:PORT``; an IPv6 host stands in brackets."""

    name = "host:port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 signature of the base class
        """Return the text as gunicorn takes it."""
        text = str(value)
        found = _HOST_AND_PORT.fullmatch(text)
        if found is None or int(found[1]) > _LARGEST_PORT:
            self.fail(
                f"{text!r} is no host with a port. Write one such as 127.0.0.1:8000 or [::1]:8000.",
                param,
                ctx,
            )
        return text
