"""The store: whole files under their hash, found by nothing else."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.errors import Invalid, NotFound
from surveyapp.storage.files import FileStore


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def files(store: FileStore) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


def test_the_same_bytes_are_one_file_and_come_back(store: FileStore) -> None:
    name = store.put(b"a scorecard")
    assert name == hashlib.sha256(b"a scorecard").hexdigest()
    assert store.put(b"a scorecard") == name
    assert store.put(b"") != name
    assert store.get(name) == b"a scorecard"
    assert store.path(name).read_bytes() == b"a scorecard"
    assert len(files(store)) == 2


def test_writers_of_the_same_bytes_at_once_leave_one_file(store: FileStore) -> None:
    content = b"x" * 100_000
    with ThreadPoolExecutor(8) as threads:
        names = set(threads.map(store.put, [content] * 40))
    assert len(names) == 1
    assert [path.read_bytes() for path in files(store)] == [content]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../../etc/passwd",
        "/etc/passwd",
        "a" * 63,
        "a" * 65,
        "A" * 64,
        "g" * 64,
        "../" + "a" * 61,
        "a" * 64 + "\n",
        "\N{ARABIC-INDIC DIGIT ONE}" * 64,
        "a" * 32 + "/" + "a" * 31,
        "\0" * 64,
    ],
)
def test_a_name_that_is_no_hash_finds_nothing(store: FileStore, name: str) -> None:
    with pytest.raises(NotFound, match="not the hash of a file"):
        store.get(name)
    with pytest.raises(NotFound, match="not the hash of a file"):
        store.path(name)


@given(name=st.text(max_size=80))
def test_no_text_reaches_outside_the_store(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    store = FileStore(tmp_path_factory.getbasetemp() / "no-files")
    with pytest.raises(NotFound):
        store.path(name)


def test_a_file_that_is_not_there_is_named(store: FileStore) -> None:
    with pytest.raises(NotFound, match="aaaaaaaaaaaa is not in the store"):
        store.get("a" * 64)


def test_a_file_that_was_changed_on_disk_is_not_given_out(store: FileStore) -> None:
    name = store.put(b"a scorecard")
    store.path(name).write_bytes(b"another one")
    with pytest.raises(Invalid, match="was changed on disk"):
        store.get(name)
