"""Colours, marks, axes and labels: checked against plotly's own schema."""

import json
import math
import re
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from painted import painted

from pages.components.figures import axes, layout, style

STEPS = list(range(20))
FALL = [-0.5 * step for step in STEPS]


def curve(name, y=FALL, **settings):
    return style.line_trace(STEPS, y, name=name, color=style.model_color("lstm"), **settings)


def lines(*traces, **settings):
    return layout.line_figure(
        traces, x_axis=axes.linear_axis("step"), y_axis=axes.linear_axis("loss"), **settings
    )


def heat(**settings):
    trace = style.heatmap_trace([[0.1, -0.2], [0.3, 0.4]], title="weight", **settings)
    return layout.heatmap_figure(
        trace, x_axis=axes.linear_axis("to"), y_axis=axes.linear_axis("from")
    )


FIGURES = {
    "marks": lines(*(curve(mark, mark=mark) for mark in style._LINES), curve("dots", mark="live")),
    "interval": lines(style.interval_trace(STEPS, FALL, FALL[::-1], color=style.GREEN), curve("a")),
    "shapes": lines(
        curve("a"),
        shapes=[
            style.threshold_line(0.5, "half"),
            style.threshold_line(5, "here", axis="x"),
            style.trained_range(0, 10),
        ],
    ),
    "log": layout.line_figure(
        [curve("a", hover=style.LOG10_HOVER), curve("b")],
        x_axis=axes.linear_axis("step", 0, 20),
        y_axis=axes.log10_axis("gradient", -30, 5),
    ),
    "bars": lines(style.bar_trace(["a", "b"], [1, 2], name="gates", color=style.SKY)),
    "heatmap": heat(low=0, high=1, x=[1, 2], y=["p", "q"]),
    "signed heatmap": heat(signed=True),
    "no traces": lines(),
    "no points": lines(style.line_trace([], [], name="a", color=style.BLUE), curve("b")),
}


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_knows_every_property_of_a_figure(name):
    go.Figure(painted(FIGURES[name]))


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_json_without_nan(name):
    json.dumps(FIGURES[name], allow_nan=False)


@pytest.mark.parametrize("name", FIGURES)
def test_colours_of_the_theme_are_tokens_that_the_browser_knows(name):
    written = set(re.findall(r'"(@\w+)"', json.dumps(FIGURES[name])))
    assert {style.TEXT, style.MUTED, style.GRID, style.BACKGROUND} <= written <= set(style.TOKENS)


def test_a_zoom_outlives_new_data():
    assert {figure["layout"]["uirevision"] for figure in FIGURES.values()} == {"keep"}


def test_numbers_keep_four_digits_and_what_json_cannot_say_is_none():
    given = [1.23456789, 1234567, -0.0, 2.0, math.nan, math.inf, None, 1e-30]
    assert style.numbers(given) == [1.235, 1235000, 0, 2, None, None, None, 1e-30]


def test_every_model_of_the_catalogue_has_a_colour_of_its_own():
    from core.models.catalogue import CATALOGUE
    from core.models.classifiers import CLASSIFIERS
    from core.models.translators import TRANSLATORS

    for names in (CATALOGUE, CLASSIFIERS, TRANSLATORS):
        colors = [style.MODEL_COLORS[name] for name in names]
        assert len(set(colors)) == len(colors)


def test_an_unknown_variant_is_drawn_as_its_family():
    assert style.model_color("gru-wide") == style.model_color("gru")
    assert style.model_color("perceptron") == style.GREY


def test_the_marks_differ_as_the_legend_of_the_product_says():
    assert "dash" in curve("a", mark="textbook")["line"]
    assert "dash" not in curve("a", mark="exact")["line"]
    assert curve("a", mark="start")["opacity"] < 1
    assert "opacity" not in curve("a", mark="now")
    assert curve("a", mark="live")["mode"] == "markers"


def test_an_interval_goes_out_along_the_top_and_back_along_the_bottom():
    band = style.interval_trace([0, 1, 2], [0, math.nan, 1], [2, 2, 3], color=style.BLUE)
    assert band["x"] == [0, 2, 2, 0]
    assert band["y"] == [2, 3, 1, 0]


def test_a_signed_heatmap_is_centred_at_zero():
    trace = style.heatmap_trace([[0.1, -0.7], [0.3, math.nan]], title="w", signed=True)
    assert (trace["zmin"], trace["zmax"]) == (-0.7, 0.7)
    assert trace["colorscale"][2] == [0.5, style.BACKGROUND]


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (-30, 5, ["10⁻³⁰", "10⁻²⁰", "10⁻¹⁰", "1"]),
        (-3, 2, ["0.001", "0.01", "0.1", "1", "10", "100"]),
        (-0.5, 0.5, ["0.5", "1", "2"]),
        (-400, 0, ["10⁻⁴⁰⁰", "10⁻³⁰⁰", "10⁻²⁰⁰", "10⁻¹⁰⁰", "1"]),
        (-7.1, -5.9, ["10⁻⁷", "2·10⁻⁷", "5·10⁻⁷", "10⁻⁶"]),
    ],
)
def test_log_ticks_by_hand(low, high, texts):
    assert axes.log10_axis("g", low, high)["ticktext"] == texts


def test_log_ticks_stay_few_and_inside_for_any_range():
    for low in (-500, -33.3, -4.2, -0.7, 0, 3.3):
        for width in (0.4, 1, 2.5, 9, 37, 480):
            ticks = axes.log10_ticks(low, low + width)
            assert 1 <= len(ticks) <= 8, (low, width, ticks)
            assert all(low <= tick <= low + width for tick in ticks)


def test_an_axis_without_any_span_is_still_an_axis():
    assert axes.log10_axis("g", -3, -3)["range"] == [-3.5, -2.5]


def test_a_padded_range_of_nothing_is_zero_to_one():
    assert axes.padded_range([None, math.nan]) == (0.0, 1.0)
    assert axes.padded_range([2.0, 2.0])[0] < 2 < axes.padded_range([2.0, 2.0])[1]


def test_labels_stand_at_the_end_of_their_curves_in_their_colour():
    low, high = curve("low", [0.0] * 20), curve("high", [1.0] * 20)
    first, second = layout.direct_labels([low, high], (0, 1), height=340)
    assert (first["text"], first["x"], first["y"]) == ("high", 19, 1)
    assert (second["text"], second["x"], second["y"]) == ("low", 19, 0)
    assert first["font"]["color"] == high["line"]["color"]


def test_a_curve_that_leaves_the_plot_is_labelled_where_it_leaves():
    (label,) = layout.direct_labels([curve("falling")], (-5, 1))
    assert (label["x"], label["y"]) == (10, -5)


def test_a_curve_without_numbers_gets_no_label():
    assert layout.direct_labels([curve("nan", [math.nan] * 20)], (0, 1)) == []


def test_one_curve_alone_needs_no_label_and_no_margin_for_it():
    assert lines(curve("only"))["layout"]["annotations"] == []
    assert lines(curve("only"))["layout"]["margin"]["r"] == 16


def test_labels_never_touch_nor_leave_the_plot_and_keep_their_order():
    for count in range(1, 12):
        wanted = sorted((37 * k * k) % 240 for k in range(count))
        sizes = [17.0] * count
        places = layout.spread(wanted, sizes, 260)
        assert all(b - a >= 17 - 1e-9 for a, b in pairwise(places))
        assert places[0] >= 8.5 - 1e-9
        assert places[-1] <= 260 - 8.5 + 1e-9


def test_labels_that_do_not_collide_stay_where_they_are():
    assert layout.spread([20, 100, 200], [17, 17, 17], 260) == [20, 100, 200]


def test_two_labels_at_one_place_share_the_shift():
    assert layout.spread([100, 100], [17, 17], 260) == [91.5, 108.5]


def test_more_labels_than_room_are_squeezed_into_it():
    places = layout.spread([0] * 10, [17] * 10, 100)
    assert places[0] >= 0
    assert places[-1] <= 100


def test_a_long_name_is_wrapped_and_its_margin_is_that_of_its_longest_line():
    traces = [curve("textbook product of forget gates"), curve("b")]
    assert "<br>" in layout.direct_labels(traces, (-10, 1))[0]["text"]
    assert layout.label_margin(traces) < 0.54 * 12 * len("textbook product of forget gates")
