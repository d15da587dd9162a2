"""Which transport carries the mail: the one place that decides."""

from surveyapp.delivery.files import FileTransport
from surveyapp.delivery.message import Transport
from surveyapp.delivery.smtp import SmtpTransport
from surveyapp.settings import Settings


def transport_for(settings: Settings) -> Transport:
    """Return the mail server's transport, or without one the outbox of files."""
    if settings.smtp is None:
        return FileTransport(settings.outbox)
    return SmtpTransport(settings.smtp)
