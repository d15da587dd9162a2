"""How handing over a message can fail, told apart by what is certain afterwards.

::

    SurveyappError
    ├── Refused                 the server did not take it; it has certainly not gone out
    │   ├── AddressRefused      for good: nobody can be reached at this address
    │   ├── MessageRefused      for good: this message, whoever reads it
    │   └── RefusedForNow       try again later: greylisting, a full mailbox, a line that broke
    │       └── ServerRefused   as above, and it may be all messages that are refused
    ├── Unconfirmed             all of it was sent, no answer came: nobody knows
    └── Unavailable             (errors.py) no server to hand anything to: says nothing of the message
"""

from surveyapp.errors import SurveyappError


class Refused(SurveyappError):
    """The server did not take the message."""


class AddressRefused(Refused):
    """Nobody can be reached at this address."""


class MessageRefused(Refused):
    """The server takes this message for nobody."""


class RefusedForNow(Refused):
    """The server may take the message later."""


class ServerRefused(RefusedForNow):
    """The refusal is about the sender or the line, so the next message may meet the same."""


class Unconfirmed(SurveyappError):
    """The message was handed over whole, and the answer never came."""
