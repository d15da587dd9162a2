"""Files of observations: one table each, from CSV or from the one visible sheet of a workbook."""

from surveyapp.errors import ImportRefused, Problem
from surveyapp.storage import Store
from surveyapp.tabular.isolation import read_parts
from surveyapp.tabular.parts import Part, as_json, from_json
from surveyapp.tabular.table import Table


def read(data: bytes, name: str) -> Table:
    """Read a file that somebody handed in. Slow for large workbooks.

    Raises
    ------
    ImportRefused
        It cannot be read, or it has several sheets and nobody can tell which is meant.
    """
    return _table(read_parts(data, name), name)


def keep(store: Store, data: bytes, name: str) -> str:
    """Read a file and keep it with what was read; return the key of the latter.

    Raises ImportRefused as ``read`` does.
    """
    parts = read_parts(data, name)
    _table(parts, name)
    store.put(data)
    return store.put(as_json(parts))


def kept(store: Store, key: str, name: str) -> Table:
    """Return the table of a file that was kept. Raises NotFound."""
    return _table(from_json(store.get(key)), name)


def _table(parts: list[Part], name: str) -> Table:
    shown = [part for part in parts if not part.is_hidden]
    readable = [part for part in shown if part.table is not None]
    if len(readable) > 1:
        listed = ", ".join(part.title for part in readable)
        message = f"The workbook has {len(readable)} sheets with rows: {listed}. Keep one, or hide the others."
        raise ImportRefused(f"{name} cannot be read.", [Problem(name, message)])
    for part in readable:
        if part.table is not None:
            return part.table
    problems = [problem for part in shown for problem in part.problems]
    empty = Problem(name, "There is no visible sheet with rows in it.")
    raise ImportRefused(f"{name} cannot be read.", problems or [empty])
