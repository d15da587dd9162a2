"""Language tags as the product stores them: ``de``, ``de-CH``, as in HTML and questionnaires."""

from babel import Locale, UnknownLocaleError


def language_tag(text: str) -> str:
    """Return the tag in its usual spelling, whatever case and separator it was written with.

    Raises
    ------
    ValueError
        No such language; the sentence says what to write.
    """
    try:
        return str(Locale.parse(text.replace("-", "_"))).replace("_", "-")
    except (UnknownLocaleError, ValueError) as error:
        message = f"{text!r} is not a language tag. Write one such as en or de-CH."
        raise ValueError(message) from error
