"""What every form of the console is: guarded against requests from other sites."""

from flask_wtf import FlaskForm


class ConsoleForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """Subclass this; the session's CSRF token is checked before any view runs."""

    class Meta:
        """The whole application checks the token already: see ``extensions.csrf``."""

        csrf = False
