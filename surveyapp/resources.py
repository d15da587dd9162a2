"""Where the bundled folders are: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def bundled(name: str) -> Path:
    """Return the folder ``questionnaires``, ``kpis``, ``reports`` or ``migrations`` that ships with surveyapp.

    Raises
    ------
    FileNotFoundError
        The installation is broken: neither place holds the folder.
    """
    for root in (_PACKAGE / "_bundled", _PACKAGE.parent):
        folder = root / name
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"surveyapp is installed without its folder {name!r}. Install it again."
    )
