"""The labs' figures: what stands in them, and that nothing of a text is read as markup."""

import plotly.graph_objects as go
import pytest
from painted import painted

from core.runs.views import TableAt, TableView
from pages.components.figures import clipping, gradient_flow, series

NAMES = {"unclipped": "without clipping", "clipped": "with clipping"}


def view(columns, later=None):
    return TableView(TableAt(0, columns), TableAt(10, later or columns))


def twin(count, norm=2.0):
    steps = list(range(1, count + 1))
    rows = {"step": steps, "loss": [3.0] * count, "norm_before": [norm] * count}
    rows |= {"norm_after": [min(norm, 1.0)] * count, "threshold": [1.0] * count}
    return rows | {"cosine": [1.0] * count, "update_size": [0.1] * count}


def test_a_tag_in_a_text_is_shown_letter_by_letter():
    text = "<b>x</b> <script>alert(1)</script> & so on " * 3
    labels = {"unit": [0], "symbol": list(text)}
    figure = gradient_flow.gate_heatmap_figure([[0.5] * len(text)], labels)
    written = str(figure["layout"]["xaxis"]["ticktext"]) + str(figure["data"][0]["customdata"])
    assert "<" not in written.replace("&lt;", "")
    assert gradient_flow.visible("<") == "&lt;"


def test_a_short_text_is_written_character_by_character_and_a_long_one_word_by_word():
    short = gradient_flow.gate_heatmap_figure([[0.5] * 5], {"unit": [0], "symbol": list("a cat")})
    assert short["layout"]["xaxis"]["ticktext"] == ["a", "␣", "c", "a", "t"]
    long = gradient_flow.gate_heatmap_figure(
        [[0.5] * 66], {"unit": [0], "symbol": list("whatever " * 7 + "end")}
    )
    assert set(long["layout"]["xaxis"]["ticktext"]) <= {"whatever", "end"}


def test_an_rnn_has_no_time_scale_and_its_slope_is_called_one():
    scales = view({"unit": [0, 1], "mean_gate": [0.9, 0.5], "time_scale_steps": [10.0, 2.0]})
    figure = gradient_flow.time_scale_figure({"rnn": scales, "gru": scales})
    assert {trace["name"] for trace in figure["data"]} == {"GRU"}
    assert gradient_flow.gate_name("rnn") == "RNN, slope"


@pytest.mark.parametrize("count", [0, 1, 7, 5000])
def test_clipping_figures_are_valid_for_any_number_of_updates(count):
    both = {"unclipped": twin(min(count, 3), 1e9), "clipped": twin(count)} if count else {}
    marks = [{"model": "unclipped", "step": 3, "what": "diverged", "text": "NaN"}]
    for figure in (
        clipping.norm_figure(both, rule="norm", settings=[], marks=marks, total=count),
        clipping.first_updates_figure(both, marks=marks),
        clipping.update_size_figure(both, total=count),
        clipping.cosine_figure(both, total=count),
    ):
        go.Figure(painted(figure))
        assert all(len(trace["x"]) <= 603 for trace in figure["data"])


def test_a_twin_that_diverged_does_not_decide_the_frame():
    both = {"unclipped": twin(3, 1e30), "clipped": twin(50)}
    marks = [{"model": "unclipped", "step": 3, "what": "diverged", "text": "NaN"}]
    figure = clipping.norm_figure(both, rule="norm", settings=[], marks=marks, total=50)
    assert figure["layout"]["yaxis"]["range"][1] < 2


def test_an_infinite_percentile_is_a_triangle_at_the_upper_edge():
    columns = {"percentile": [10.0, 50.0, 90.0, 99.0], "norm": [1.0, 2.0, float("inf"), 5.0]}
    figure = clipping.percentile_figure({"unclipped": view(columns)})
    go.Figure(painted(figure))
    assert figure["data"][0]["marker"]["symbol"][2] == "triangle-up"


def test_the_axis_of_updates_grows_in_round_steps_up_to_the_total():
    ends = [series.updates_end([{"x": [1, last]}], 5000) for last in (3, 12, 60, 480, 4000, 5000)]
    assert ends == [10, 20, 100, 500, 5000, 5000]


def test_labels_of_settings_that_would_lie_on_each_other_are_left_out():
    settings = [{"name": "threshold", "value": 0.5, "step": step} for step in (100, 101, 400)]
    lines = series.event_lines(settings, [], NAMES, 500)
    assert [line["label"]["text"] for line in lines] == ["threshold 0.5", "", "threshold 0.5"]
