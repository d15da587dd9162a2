import re
from itertools import pairwise

import pytest
from font_source_sans_pro import font_files_ttf
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from surveyapp.reports.charts import lettering
from surveyapp.reports.charts.curve import seq_curve
from surveyapp.reports.charts.dots import dot_row
from surveyapp.reports.charts.lettering import REGULAR, SEMIBOLD, pushed_apart, text_width
from surveyapp.reports.charts.levels import level_bar
from surveyapp.reports.charts.people import squares
from surveyapp.reports.charts.portfolio import Bar, portfolio_curve
from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.charts.svg import element
from surveyapp.reports.numbers import Numbers
from tests.reports.contexts import LEVELS, make_chances, make_portfolio, make_score

CANVAS = Canvas(470, 10.7)
PERCENT = Numbers("en_GB").percent


def curve(value: float, error: float = 4.2) -> Markup:
    return seq_curve(
        LEVELS, make_score(value, error), CANVAS, title="SEQ", label="Now", percent=PERCENT
    )


def bar(chances: tuple[float, ...], canvas: Canvas = CANVAS) -> Markup:
    told = [f"{share} in 100" for share in Numbers("en_GB").shares_in_hundred(chances)]
    return level_bar(LEVELS.names, chances, told, canvas, title="Chances")


def portfolio(count: int, named: int, names: str = "Aldermere Foods") -> Markup:
    rows = make_portfolio(count, silent=0, spread=14).measured
    bars = [
        Bar(names, row.seq, is_at_risk=index >= count - named, is_named=index >= count - named)
        for index, row in enumerate(rows)
        if row.seq is not None
    ]
    return portfolio_curve(
        LEVELS,
        bars,
        CANVAS,
        rows_height=345,
        title="All",
        percent=PERCENT,
        more=lambda rest: f"and {rest} more",
    )


def test_text_and_attributes_are_escaped() -> None:
    written = element("text", "<script>", data_name='"&')
    assert written == '<text data-name="&#34;&amp;">&lt;script&gt;</text>'


def test_lengths_are_rounded_to_a_tenth_and_nothing_is_left_out_by_mistake() -> None:
    assert element("rect", x=0.04, y=-0.04, width=10.0, rx=None) == '<rect x="0" y="0" width="10"/>'


@pytest.mark.parametrize("name", ["style", "onclick"])
def test_what_a_strict_policy_drops_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="presentation attributes"):
        element("rect", **{name: "x"})


@pytest.mark.parametrize(
    "drawn",
    [
        curve(47),
        bar(make_chances(47, 4)),
        dot_row(make_score(47, 4), 50, CANVAS, height=20, title="Savvy", why=""),
        squares(9, 7, CANVAS, title="IT"),
        portfolio(40, 6),
    ],
)
def test_every_chart_has_its_title_first_and_no_style(drawn: Markup) -> None:
    assert re.match(r"<svg [^>]*><title>[^<]+</title>", drawn)
    assert "style" not in drawn
    assert "NaN" not in drawn


@pytest.mark.parametrize(
    ("weight", "name"), [(REGULAR, "SourceSansPro"), (SEMIBOLD, "SourceSansProSemibold")]
)
def test_text_widths_are_those_of_the_font(weight: int, name: str) -> None:
    with TTFont(font_files_ttf[name]) as font:
        glyphs, advances = font.getBestCmap(), font["hmtx"]
        for sign in map(chr, range(0x20, 0x7F)):
            assert text_width(sign, 1000, weight) == advances[glyphs[ord(sign)]][0], sign


def test_accents_do_not_widen_a_letter_and_wide_signs_are_wide() -> None:
    assert text_width("é", 10) == text_width("e", 10)
    assert text_width("東京", 10) == 20


@given(st.lists(st.tuples(st.floats(-50, 550), st.floats(1, 60)), min_size=1, max_size=8))
def test_pushed_labels_never_overlap_and_stay_inside(labels: list[tuple[float, float]]) -> None:
    wanted = sorted(centre for centre, _ in labels)
    sizes = [size for _, size in labels]
    placed = pushed_apart(wanted, sizes, 0, 500, 6)
    edges = [(x - size / 2, x + size / 2) for x, size in zip(placed, sizes, strict=True)]
    assert edges[0][0] >= -1e-6
    assert edges[-1][1] <= 500 + 1e-6
    assert all(left[1] <= right[0] + 1e-6 for left, right in pairwise(edges))


def test_labels_with_room_stay_where_they_are_wanted() -> None:
    assert pushed_apart([50, 200, 400], [40, 40, 40], 0, 500, 6) == [50, 200, 400]


def test_labels_that_cannot_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        pushed_apart([10, 20], [30, 30], 0, 50, 6)


@given(st.text(max_size=60), st.floats(20, 200))
def test_a_shortened_text_fits_its_room(text: str, room: float) -> None:
    assert text_width(lettering.shortened(text, 10, room), 10) <= room


def test_a_bar_that_leaves_the_axis_ends_in_an_arrowhead() -> None:
    assert curve(47).count("<polygon") == 0
    assert curve(70).count("<polygon") == 1
    assert curve(50, 20).count("<polygon") == 2


def test_a_score_beyond_the_axis_is_a_second_arrowhead_and_no_dot() -> None:
    assert "<circle" in curve(74)
    assert curve(74).count("<polygon") == 1
    for beyond in (20, 80):
        drawn = curve(beyond)
        assert "<circle" not in drawn
        assert drawn.count("<polygon") == 2


def test_crowded_bars_turn_pale_and_keep_dark_dots() -> None:
    drawn = portfolio(266, 27)
    rects = re.findall(r'<rect [^>]*class="f-(\S+)"', drawn)
    assert set(rects) == {"tint-1", "rule", "act", "ink", "paper"}
    assert 266 - 27 == rects.count("rule") >= rects.count("ink") > 200
    assert 27 == rects.count("tint-1") >= rects.count("act") > 15


def test_bars_with_room_are_bold_at_risk() -> None:
    bars = re.findall(r'<rect [^>]*class="f-(\S+)"', portfolio(40, 6))
    assert (bars.count("act"), bars.count("soft")) == (6, 34)


def test_without_a_score_the_row_is_dotted_and_says_why() -> None:
    drawn = seq_curve(LEVELS, None, CANVAS, title="SEQ", label="no answers yet", percent=PERCENT)
    assert "no answers yet" in drawn
    assert "<circle" not in drawn


def test_the_label_of_the_bar_goes_to_the_side_with_room() -> None:
    assert 'text-anchor="start" fill="#1A2430" class="f-ink">Now<' in curve(40)
    assert 'text-anchor="end" fill="#1A2430" class="f-ink">Now<' in curve(70)


def test_neighbours_under_1_in_100_share_one_label() -> None:
    drawn = bar((0.003, 0.004, 0.393, 0.6))
    assert "Antagonistic, Transactional" in drawn
    assert "under 1 in 100 each" in drawn


def test_level_labels_stand_in_a_list_on_a_narrow_screen() -> None:
    drawn = bar(make_chances(47, 8), Canvas(320, 13))
    baselines = re.findall(r'<text x="[\d.]+" y="([\d.]+)"', drawn)
    assert len(set(baselines)) == 4


def test_a_square_stands_for_each_person() -> None:
    drawn = squares(9, 7, CANVAS, title="IT")
    assert drawn.count('class="f-ink s-ink"') == 7
    assert drawn.count("<rect") == 9


def test_crowds_are_left_to_the_numbers() -> None:
    assert squares(400, 7, CANVAS, title="IT") == ""


@pytest.mark.parametrize(("count", "named"), [(12, 3), (40, 12), (266, 12), (300, 12)])
def test_every_relationship_is_drawn_and_every_name_placed_or_counted(
    count: int, named: int
) -> None:
    drawn = portfolio(count, named)
    placed = drawn.count(">Aldermere Foods<")
    assert drawn.count('class="f-act"') >= named
    assert placed > 0
    assert placed == named or f"and {named - placed} more" in drawn


@pytest.mark.parametrize("count", [12, 40, 266])
def test_names_in_the_portfolio_never_overlap(count: int) -> None:
    drawn = portfolio(count, 10)
    ys = [float(y) for y in re.findall(r'y="([\d.]+)"[^>]*>Aldermere Foods<', drawn)]
    assert all(above - below >= 12 for above, below in pairwise(ys))


def test_names_too_long_for_the_portfolio_are_shortened() -> None:
    drawn = portfolio(40, 5, names="The Worshipful Company of Long-Named Manufacturers and Sons")
    assert "Worshipful" in drawn
    assert "…" in drawn
