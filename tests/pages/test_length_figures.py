"""The length lab's figures: valid for plotly, honest about what has no answer and no interval."""

import json

import plotly.graph_objects as go
import pytest
from length_records import (
    CHUNKS,
    MODELS,
    curve_columns,
    failing_columns,
    remedies_columns,
    seed_columns,
    trace_columns,
)
from painted import painted

from core.labs.length_config import LENGTHS
from core.labs.remedies import REMEDIES
from core.runs.views import TableAt, TableView
from pages.components.figures import length, length_remedies, length_states, style
from pages.components.figures.dots import row_place
from pages.components.serving_tables import rows_of

TRAINED = (50, 100)
NAMES = length_remedies.remedy_names(tuple(REMEDIES))


def view(columns, first=None):
    latest = TableAt(10, columns)
    return TableView(TableAt(0, first) if first else latest, latest)


def curves(models=MODELS, **how):
    return {model: view(curve_columns(model, **how)) for model in models}


def curve(models=MODELS, *, is_share=True, threshold=0.9, **how):
    seeds = {model: view(seed_columns(model, **how)) for model in models}
    return length.curve_figure(
        curves(models, **how),
        seeds,
        trained=TRAINED,
        is_share=is_share,
        threshold=threshold,
        height=400,
    )


def traces(models=MODELS):
    return {
        model: view(trace_columns(model), trace_columns(model, is_trained=False))
        for model in models
        if trace_columns(model)["position"]
    }


def remedy_rows(at=500):
    return [row for row in rows_of(remedies_columns()) if row["length"] == at]


def remedies(rows, names=NAMES, *, is_share=True):
    return length_remedies.remedies_figure(rows, names, is_share=is_share)


def state(column, models=MODELS):
    shown = {
        model: found
        for model, found in traces(models).items()
        if length_states.has_quantity(found.latest.columns, column)
    }
    return length_states.trace_figure(shown, column, trained=TRAINED, height=270)


UNANSWERED = {**curve_columns("lstm-bias"), "is_answered": [False] * len(LENGTHS)}
UNANSWERED |= {name: [None] * len(LENGTHS) for name in ("score", "low", "high")}
BARE = [
    row | dict.fromkeys(("low", "high", "difference_low", "difference_high"))
    for row in remedy_rows()
]
FIGURES = {
    "curve": curve,
    "curve of one model": lambda: curve(MODELS[:1]),
    "curve without a threshold": lambda: curve(threshold=None),
    "curve of a loss": lambda: curve(is_share=False, is_loss=True),
    "curve of no answers": lambda: length.curve_figure(
        {"lstm": view(UNANSWERED)}, {}, trained=TRAINED, is_share=True, height=400
    ),
    "no curve": lambda: curve(()),
    "failing": lambda: length.failing_figure(failing_columns(), trained=TRAINED),
    "no failing": lambda: length.failing_figure({}, trained=TRAINED),
    "remedies": lambda: remedies(remedy_rows()),
    "remedies so far": lambda: remedies(remedy_rows()[:3]),
    "remedies of a loss": lambda: remedies(remedy_rows(), is_share=False),
    "remedies without intervals": lambda: remedies(BARE),
    "no remedies": lambda: remedies([]),
    "chunk difference": lambda: length_states.chunk_difference_figure(CHUNKS),
    "no chunk difference": lambda: length_states.chunk_difference_figure({}),
    "chunk memory": lambda: length_states.chunk_memory_figure(CHUNKS),
    "no chunk memory": lambda: length_states.chunk_memory_figure({}),
    "chunk memory of a device that does not tell": lambda: length_states.chunk_memory_figure(
        CHUNKS | {"megabytes": [None] * 5, "full_megabytes": [None] * 5}
    ),
    **{column: lambda column=column: state(column) for column in length_states.TITLES},
    "no states": lambda: state("forget", ()),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_plotly_and_json(name):
    figure = FIGURES[name]()
    go.Figure(painted(figure))
    json.dumps(figure, allow_nan=False)


def named(figure, name):
    return next(t for t in figure["data"] if t.get("name") == name and t.get("showlegend", True))


def test_a_curve_ends_where_its_model_has_no_answer_and_a_line_says_so():
    figure = curve()
    ended = named(figure, "Transformer")
    answered = [x for x, y in zip(ended["x"], ended["y"], strict=True) if y is not None]
    assert answered[-1] == 200
    line = next(s for s in figure["layout"]["shapes"] if length.NO_ANSWER in s["label"]["text"])
    assert line["x0"] == 200
    assert line["label"]["text"] == f"Transformer: {length.NO_ANSWER}"
    assert line["line"]["color"] == style.model_color("transformer")
    assert "Transformer" not in [label["text"] for label in figure["layout"]["annotations"]]


def test_a_curve_that_never_had_an_answer_has_no_line_of_a_table():
    figure = FIGURES["curve of no answers"]()
    assert not [s for s in figure["layout"]["shapes"] if length.NO_ANSWER in s["label"]["text"]]


def test_an_interval_of_two_seeds_does_not_stretch_the_axis_of_a_loss():
    columns = curve_columns("gru", is_loss=True)
    columns |= {"low": [-9.0] * len(LENGTHS), "high": [99.0] * len(LENGTHS)}
    figure = length.curve_figure(
        {"gru": view(columns)}, {}, trained=TRAINED, is_share=False, height=400
    )
    low, high = figure["layout"]["yaxis"]["range"]
    assert 1 < low < high < 3


def test_the_trained_lengths_are_shaded_and_the_threshold_is_said_in_the_right_direction():
    band, line = curve(("lstm-bias",))["layout"]["shapes"]
    assert (band["x0"], band["x1"]) == TRAINED
    assert (line["y0"], line["label"]["text"]) == (0.9, "fails below")
    line = curve(("lstm-bias",), is_share=False, is_loss=True)["layout"]["shapes"][1]
    assert line["label"]["text"] == "fails above"


def test_transformers_are_told_apart_by_dash_and_dots_as_well_as_by_colour():
    models = ("transformer", "transformer-sinusoidal", "transformer-rotary", "transformer-alibi")
    length_of = {m: view(curve_columns("lstm-bias")) for m in models}
    figure = length.curve_figure(length_of, {}, trained=TRAINED, is_share=True, height=400)
    means = [trace for trace in figure["data"] if "line" in trace and trace.get("name")]
    assert len({(t["line"].get("dash"), t["marker"]["symbol"]) for t in means}) == len(models)


def test_each_seed_is_a_dot_on_the_curve_that_says_which_one_it_is():
    dots = [t for t in curve(("gru",))["data"] if t["mode"] == "markers"]
    assert len(dots) == 1
    assert len(dots[0]["x"]) == 3 * len(LENGTHS)
    assert set(dots[0]["customdata"]) == {0, 1, 2}


def test_who_never_fails_stands_on_the_edge_as_a_triangle():
    dots, said = length.failing_figure(failing_columns(), trained=TRAINED)["data"]
    assert dots["x"] == [85, 60, 15, 130, 500]
    assert dots["marker"]["symbol"] == ["circle"] * 4 + ["triangle-right"]
    assert [text.strip() for text in said["text"]] == [
        "from 85",
        "from 60",
        "from 15",
        "from 130",
        "holds",
    ]
    assert "never fails up to 500 steps" in dots["customdata"][-1]
    assert dots["error_x"]["array"][3] == 370, "one of its seeds does not fail"


def test_verdicts_are_colours_and_words_and_budgets_symbols():
    rows = remedy_rows()
    figure = remedies(rows)
    by_budget = {trace["name"]: trace for trace in figure["data"] if trace.get("name")}
    assert by_budget["equal updates"]["marker"]["symbol"] == "circle"
    assert by_budget["equal compute"]["marker"]["symbol"] == "diamond"
    for trace in by_budget.values():
        assert set(trace["marker"]["color"]) <= set(length_remedies.COLORS.values())
    texts = [text.strip() for trace in figure["data"] for text in trace.get("text", ())]
    assert "helps +30" in texts
    assert texts.count("no answer<br>past its table") == 1, "once for both budgets"
    assert len(texts) == len(rows) - 1


def test_remedies_keep_their_rows_while_they_come():
    few, all_rows = remedies(remedy_rows()[:3]), remedies(remedy_rows())
    for figure in (few, all_rows):
        assert figure["layout"]["yaxis"]["tickvals"] == list(range(len(NAMES)))
    assert few["layout"]["yaxis"]["range"] == all_rows["layout"]["yaxis"]["range"]
    assert few["layout"]["margin"] == all_rows["layout"]["margin"]
    assert few["data"][0]["y"][0] == row_place(0, len(NAMES))


def test_the_model_as_trained_and_the_control_are_lines():
    rows = remedy_rows()
    layout = remedies(rows)["layout"]
    assert [label["text"] for label in layout["annotations"]] == ["as trained", "control"]
    for at, row in enumerate(rows[:2]):
        assert layout["shapes"][at]["x0"] == layout["annotations"][at]["x"]
        assert layout["shapes"][at]["x0"] == pytest.approx(row["score"], abs=1e-3)
    assert remedies([])["layout"]["shapes"] == []


def test_words_of_scores_and_differences_by_hand():
    assert length_remedies.score_words(0.123, is_share=True) == "12 %"
    assert length_remedies.score_words(1.987, is_share=False) == "1.99"
    assert length_remedies.difference_words(0.3, is_share=True) == "+30"
    assert length_remedies.difference_words(-0.3, is_share=True) == "\N{MINUS SIGN}30"
    assert length_remedies.difference_words(-0.001, is_share=True) == "0"
    assert length_remedies.difference_words(0.004, is_share=False) == "0.00"


def test_a_state_before_training_is_pale_and_without_a_label():
    figure = state("hidden_norm", ("gru",))
    before, now = figure["data"]
    assert (before["opacity"], before["showlegend"]) == (0.5, False)
    assert now["showlegend"]


def test_only_models_that_have_a_gate_are_drawn_with_one():
    assert {t["name"] for t in state("forget")["data"]} == {"LSTM forget bias", "GRU"}
    assert {t["name"] for t in state("cell_norm")["data"]} == {"LSTM forget bias"}


def test_no_difference_between_chunks_and_one_pass_stands_on_the_lower_edge():
    trace = length_states.chunk_difference_figure(CHUNKS)["data"][0]
    assert trace["marker"]["symbol"] == ["triangle-down"] + ["circle"] * 4
    assert trace["y"][0] == -9


def test_memory_of_chunks_is_beside_a_line_of_one_pass():
    figure = length_states.chunk_memory_figure(CHUNKS)
    assert figure["data"][0]["y"] == CHUNKS["megabytes"]
    assert [s["label"]["text"] for s in figure["layout"]["shapes"]] == ["one pass: 17.5"]
