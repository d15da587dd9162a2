from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.reports.numbers import Numbers

NUMBERS = Numbers("en_GB")
CHANCES = st.floats(0, 1)


@given(CHANCES)
def test_a_chance_is_never_0_or_100_in_100(probability: float) -> None:
    assert NUMBERS.chance(probability) not in {"0 in 100", "100 in 100"}


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda p: sum(p) > 0.001))
def test_shares_in_hundred_are_never_0_or_100_and_never_sum_beyond_100(raw: list[float]) -> None:
    written = NUMBERS.shares_in_hundred([p / sum(raw) for p in raw])
    whole = [int(share) for share in written if share.isdigit()]
    assert all(0 < share < 100 for share in whole)
    assert sum(whole) <= 100
    if len(whole) == len(written):
        assert sum(whole) == 100


@given(st.floats(-1000, 1000))
def test_a_score_has_at_most_two_digits(value: float) -> None:
    assert NUMBERS.score(value).isdigit()
    assert len(NUMBERS.score(value)) <= 2


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0.0, "under 1"),
        (0.0099, "under 1"),
        (0.01, "1"),
        (0.395, "40"),
        (0.99, "99"),
        (1, "over 99"),
    ],
)
def test_chances_round_half_up_between_their_ends(probability: float, text: str) -> None:
    assert NUMBERS.in_hundred(probability) == text


@pytest.mark.parametrize(
    ("expected", "text"),
    [(0.0, "0"), (0.5, "up to 1"), (10.4, "10 or 11"), (10.1, "10"), (10.9, "11"), (83.5, "84")],
)
def test_an_expected_count_says_when_it_lies_between(expected: float, text: str) -> None:
    assert NUMBERS.about(expected) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(950, "€950"), (4_200_000, "€4.2M"), (32_600_000, "€33M"), (113_000_000, "€113M"), (0, "€0")],
)
def test_money_has_no_more_figures_than_it_deserves(amount: int, text: str) -> None:
    assert NUMBERS.amount(Decimal(amount), "EUR") == text


def test_each_locale_writes_its_own_dates_and_money() -> None:
    german = Numbers("de_DE")
    assert german.day(date(2027, 6, 30)) == "30. Juni 2027"
    assert german.amount(Decimal(4_200_000), "EUR").replace("\xa0", " ") == "4,2 Mio. €"
    assert german.language == "de-DE"


def test_a_moment_is_told_in_utc() -> None:
    at = datetime.fromisoformat("2026-11-05T08:40:00+01:00")
    assert NUMBERS.moment(at) == "5 November 2026, 07:40 UTC"
    assert NUMBERS.moment(at.astimezone(UTC)) == NUMBERS.moment(at)


def test_a_fingerprint_is_read_in_groups_of_four() -> None:
    assert NUMBERS.short_fingerprint("3f9a51c0b7e4") == "3f9a 51c0"
