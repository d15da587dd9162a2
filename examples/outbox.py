"""The mail an example wrote: who got which link."""

import email
import re
from collections.abc import Iterable
from email import policy
from pathlib import Path

from examples.stage import CannotPlay

_LINK = re.compile(r"^https?://\S+/r/\S+", re.MULTILINE)


def read_links(mails: Iterable[Path]) -> dict[str, str]:
    """Return the link of each recipient's mail. Raises CannotPlay for a mail without one."""
    links = {}
    for path in mails:
        mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        found = _LINK.search(body.get_content()) if body else None
        if found is None:
            raise CannotPlay(f"There is no link in {path.name}.")
        links[str(mail["To"].addresses[0].addr_spec)] = found.group()
    return links
