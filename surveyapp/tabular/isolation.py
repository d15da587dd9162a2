"""Workbooks are read in a process of their own: it may be killed, and the pages go on meanwhile.

A workbook is a program's worth of XML from a stranger. Its process has a limit of memory and of
time, knows no key and no database, and takes openpyxl's 30 MB with it when it ends.
"""

import json
import os
import resource
import subprocess
import sys
from typing import Final

from surveyapp.errors import ImportRefused, Problem
from surveyapp.tabular.parts import Part, as_json, from_json, read_csv_part
from surveyapp.tabular.table import MAX_BYTES

MAX_SECONDS: Final = 40
"""Of computing; 100,000 contacts take about six."""
MAX_MEMORY: Final = 1_500_000_000
_PATIENCE: Final = 2.5
"""By the clock: on a busy machine the reader waits for everybody else."""
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_READ: Final = 0
_REFUSED: Final = 3


def read_parts(data: bytes, name: str) -> list[Part]:
    """Read a file that somebody handed in, CSV or XLSX; its first bytes say which.

    Raises
    ------
    ImportRefused
        Nothing of the file can be used.
    """
    if len(data) > MAX_BYTES:
        message = f"The file has {len(data):,} bytes; at most {MAX_BYTES:,} are read. Split it."
        raise _refused(name, message)
    if data.startswith(_OLD_WORKBOOK):
        raise _refused(name, _about_old(data))
    if data.startswith(b"PK\x03\x04"):
        return _read_apart(data, name)
    return [read_csv_part(data, name)]


def _about_old(data: bytes) -> str:
    if _ENCRYPTED in data:
        return "The workbook is protected with a password. Save it without one."
    return "This is an old Excel workbook (.xls). Save it as Excel workbook (.xlsx) or CSV UTF-8."


def _read_apart(data: bytes, name: str) -> list[Part]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "surveyapp.tabular.isolation"],
            input=json.dumps(name).encode() + b"\n" + data,
            capture_output=True,
            check=False,
            timeout=MAX_SECONDS * _PATIENCE,
            env={
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
                "PYTHONUTF8": "1",
                "OPENPYXL_LXML": "False",  # defusedxml guards the standard library's reader only
                "OPENBLAS_NUM_THREADS": "1",
            },
        )
    except subprocess.TimeoutExpired as error:
        raise _refused(name, _too_much()) from error
    if done.returncode == _READ:
        return from_json(done.stdout)
    if done.returncode == _REFUSED:
        problems = [Problem(place, message) for place, message in json.loads(done.stdout)]
        raise ImportRefused(f"{name} cannot be read.", problems)
    said = done.stderr.decode(errors="replace")
    if done.returncode < 0 or "MemoryError" in said:
        raise _refused(name, _too_much())
    if "EntitiesForbidden" in said or "DTDForbidden" in said:
        raise _refused(
            name,
            "The workbook declares XML entities, which no spreadsheet program does. Nothing was read.",
        )
    raise _refused(
        name,
        "The workbook is damaged. Open it in a spreadsheet program and save it again as .xlsx.",
    )


def _too_much() -> str:
    return "Reading the workbook takes too long or too much memory. Split it, or save it as CSV."


def _refused(name: str, message: str) -> ImportRefused:
    return ImportRefused(f"{name} cannot be read.", [Problem(name, message)])


def main() -> int:
    """Read a workbook from standard input and write its parts; any other end is the parent's to tell."""
    from surveyapp.tabular.workbooks import read_workbook  # noqa: PLC0415 only in the child

    os.nice(5)  # people who answer come first
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        name = json.loads(sys.stdin.buffer.readline())
        written = as_json(read_workbook(sys.stdin.buffer.read(), name))
    except ImportRefused as error:
        found = [(problem.place, problem.message) for problem in error.problems]
        sys.stdout.buffer.write(json.dumps(found).encode())
        return _REFUSED
    sys.stdout.buffer.write(written)
    return _READ


if __name__ == "__main__":
    sys.exit(main())
