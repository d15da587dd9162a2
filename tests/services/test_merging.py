"""Two pages of one section: no change is lost, and only true conflicts are called so."""

from hypothesis import given
from hypothesis import strategies as st

from surveyapp.services.merging import UNKNOWN, Opened, marks, merge

IDS = ("a", "b", "c")
values = st.one_of(st.none(), st.integers(1, 3), st.sampled_from(["x", "y"]))
pages = st.fixed_dictionaries(dict.fromkeys(IDS, values))


@given(pages, pages, pages)
def test_each_side_keeps_what_only_it_changed(
    base: dict[str, int | str | None],
    mine: dict[str, int | str | None],
    theirs: dict[str, int | str | None],
) -> None:
    found = merge(mine, theirs, Opened("page", marks(IDS, base)), is_own=False)
    for key in IDS:
        i_did, they_did = mine[key] != base[key], theirs[key] != base[key]
        if i_did and they_did and mine[key] != theirs[key]:
            assert key in found.conflicts
        else:
            assert found.answers[key] == (mine[key] if i_did else theirs[key])
    assert found.conflicts.isdisjoint(found.elsewhere)


def test_a_page_that_saved_last_itself_is_in_conflict_with_nobody() -> None:
    opened = Opened("page", marks(IDS, {"a": 1}))
    found = merge({"a": 3, "b": None}, {"a": 2, "b": 5}, opened, is_own=True)
    assert found.answers == {"a": 3, "b": 5}
    assert not found.conflicts


def test_where_nobody_knows_what_a_page_was_made_with_every_difference_is_one() -> None:
    found = merge({"a": 3, "b": 5}, {"a": 2, "b": 5}, UNKNOWN, is_own=False)
    assert found.conflicts == {"a"}
