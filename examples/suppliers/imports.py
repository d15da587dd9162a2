"""Files taken in as the commands take them, at a time that is handed in."""

from datetime import datetime
from pathlib import Path

from surveyapp.extensions import transaction
from surveyapp.services import account_import, kpi_files, kpi_import, programmes


def take_accounts(programme: str, folder: Path, *, by: str, at: datetime) -> None:
    """Import a folder's account sheets."""
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    parsed = account_import.parse(account_import.read_files(files))
    with transaction() as session:
        found = programmes.find(session, programme)
        account_import.commit(session, found, parsed, by=by, at=at)


def take_facts(programme: str, path: Path, *, by: str, at: datetime) -> int:
    """Import a file of facts; return how many values it added."""
    table = kpi_files.read(path.read_bytes(), path.name)
    with transaction() as session:
        found = programmes.find(session, programme)
        return kpi_import.commit(session, found, table, by=by, at=at).preview.adds
