"""The serving lab's figures: valid for plotly, honest about gaps, safe with texts."""

import json
import math

import plotly.graph_objects as go
import pytest
from painted import painted
from serving_records import (
    BEST,
    DISTILLATION,
    GRID,
    LATENCIES,
    REPLAY,
    REPLICAS,
    SIZES,
    THEORY,
    service_columns,
    variant_columns,
)

from pages.components.figures import queueing, serving, shrinking, wrapped_rows

SERVICE = service_columns()
VARIANTS = variant_columns()
HOSTILE = VARIANTS | {"label": ["<b>a</b> long name of a variant"] * len(VARIANTS["label"])}
NOT_MADE = variant_columns(missing=("transformer", "cnn"))
SIMULATED = LATENCIES | {"replayed": [None] * len(LATENCIES["bin_low"])}
UNSTABLE = GRID | {"stable": [False] * len(GRID["rate"]), "p99": [math.inf] * len(GRID["rate"])}
NO_BEST = {"rate": BEST["rate"], "max_batch": [None] * 5, "p99": [None] * 5}
NEVER = REPLICAS | {"least_in_time": [None] * 3}
ONE_SEED = {name: values[:1] for name, values in DISTILLATION.items()}
ONE_SEED |= {"low": [None], "high": [None]}
GAPS = SERVICE | {"wall_p50": [0.43, *[None] * (len(SERVICE["batch"]) - 1)]}


def nothing(columns):
    return {name: [] for name in columns}


def agreement(columns, known):
    return queueing.agreement_figure(columns["quantity"], columns["simulated"], columns[known])


FIGURES = {
    "time of a batch": lambda: serving.latency_figure(SERVICE, 100),
    "time of one batch": lambda: serving.latency_figure(GAPS, 100),
    "no time": lambda: serving.latency_figure({}, 100),
    "throughput": lambda: serving.throughput_figure(SERVICE, 100, 1000.0, "cpu"),
    "throughput far below": lambda: serving.throughput_figure(SERVICE, 100, 1e6, "wall"),
    "no throughput": lambda: serving.throughput_figure(nothing(SERVICE), 100, 1000.0, "cpu"),
    "words": lambda: serving.words_figure(SERVICE, (1, 32), "wall"),
    "no words": lambda: serving.words_figure({}, (1, 32), "cpu"),
    "latencies": lambda: queueing.latencies_figure(LATENCIES, deadline_ms=0.9),
    "simulated alone": lambda: queueing.latencies_figure(SIMULATED, deadline_ms=50),
    "no latencies": lambda: queueing.latencies_figure(nothing(LATENCIES), deadline_ms=50),
    "batches": lambda: queueing.batches_figure(SIZES),
    "no batches": lambda: queueing.batches_figure({}),
    "policies": lambda: queueing.policies_figure(GRID, BEST, deadline_ms=50),
    "no stable policy": lambda: queueing.policies_figure(UNSTABLE, NO_BEST, deadline_ms=50),
    "no policies": lambda: queueing.policies_figure({}, {}, deadline_ms=50),
    "replicas": lambda: queueing.replicas_figure(REPLICAS),
    "never in time": lambda: queueing.replicas_figure(NEVER),
    "no replicas": lambda: queueing.replicas_figure({}),
    "theory": lambda: agreement(THEORY, "theory"),
    "replay": lambda: agreement(REPLAY, "replayed"),
    "no agreement": lambda: queueing.agreement_figure([], [], []),
    "not known": lambda: queueing.agreement_figure(["a", "b"], [1.0, None], [0.0, 1.0]),
    "speed": lambda: shrinking.speed_figure(VARIANTS),
    "speed of those made": lambda: shrinking.speed_figure(NOT_MADE),
    "speed of hostile names": lambda: shrinking.speed_figure(HOSTILE),
    "no speed": lambda: shrinking.speed_figure(nothing(VARIANTS)),
    "accuracy": lambda: shrinking.accuracy_figure(VARIANTS),
    "no accuracy": lambda: shrinking.accuracy_figure(nothing(VARIANTS)),
    "size": lambda: shrinking.size_figure(NOT_MADE),
    "no size": lambda: shrinking.size_figure({}),
    "flips": lambda: shrinking.flips_figure(NOT_MADE),
    "no flips": lambda: shrinking.flips_figure({}),
    "students": lambda: shrinking.distillation_figure(DISTILLATION),
    "no students": lambda: shrinking.distillation_figure({}),
    "difference": lambda: shrinking.difference_figure(DISTILLATION),
    "difference of one": lambda: shrinking.difference_figure(ONE_SEED),
    "no difference": lambda: shrinking.difference_figure({}),
}


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_knows_every_property_of_a_serving_figure(name):
    figure = FIGURES[name]()
    go.Figure(painted(figure))
    json.dumps(figure, allow_nan=False)


@pytest.mark.parametrize("name", FIGURES)
def test_an_axis_of_numbers_has_a_title_unless_its_ticks_are_names(name):
    layout = FIGURES[name]()["layout"]
    for axis in (layout["xaxis"], layout["yaxis"]):
        assert axis["title"]["text"] or "ticktext" in axis


def test_a_tag_in_a_name_is_shown_letter_by_letter():
    written = json.dumps(FIGURES["speed of hostile names"](), ensure_ascii=False)
    assert "&lt;b&gt;" in written
    assert "<b>" not in written


def test_times_of_batches_are_drawn_where_they_were_measured_at_this_length():
    band, wall, cpu = FIGURES["time of a batch"]()["data"]
    assert wall["x"] == list(range(8)), "batches of 1 to 128 stand at powers of two"
    assert 10 ** wall["y"][0] == pytest.approx(0.43, rel=1e-3)
    assert cpu["line"]["dash"]
    assert len(band["x"]) == 16
    assert FIGURES["time of one batch"]()["data"][1]["x"] == [0]
    assert serving.latency_figure(SERVICE, 77)["data"][1]["x"] == []


def test_a_rate_that_is_asked_is_a_line_as_long_as_it_is_near():
    assert FIGURES["throughput"]()["layout"]["shapes"][0]["label"]["text"].startswith(
        "asked: 1,000"
    )
    assert FIGURES["throughput far below"]()["layout"]["shapes"] == []


def test_each_length_has_its_own_time_for_one_request_and_for_a_batch():
    one, many = FIGURES["words"]()["data"]
    assert (one["name"], many["name"]) == ("one request", "batch of 32")
    assert [round(10**x) for x in one["x"]] == [25, 50, 100, 200, 400]


def test_the_stair_of_real_passes_ends_where_the_bars_do():
    bars, stair = FIGURES["latencies"]()["data"]
    assert stair["x"][0] == LATENCIES["bin_low"][0]
    assert stair["x"][-1] == pytest.approx(LATENCIES["bin_high"][-1])
    assert stair["y"][-1] == stair["y"][-2]
    assert len(FIGURES["simulated alone"]()["data"]) == 1
    assert bars["width"] == pytest.approx([0.1] * 9)


def test_a_deadline_is_drawn_only_where_the_axis_reaches_it():
    assert FIGURES["latencies"]()["layout"]["shapes"][0]["label"]["text"] == "deadline"
    assert FIGURES["simulated alone"]()["layout"]["shapes"] == []


def test_a_cell_is_coloured_by_its_deadline_and_says_what_is_unstable():
    figure = queueing.policies_figure(GRID, BEST, deadline_ms=10)
    cells, texts = figure["data"]
    said = dict(zip(zip(texts["x"], texts["y"], strict=True), texts["text"], strict=True))
    at = {
        (cap, rate): (c, r)
        for r, cap in enumerate((1, 2, 4, 8, 16, 32, 64, 128))
        for c, rate in enumerate((250, 500, 1000, 2000, 4000, 8000))
    }
    column, row = at[1, 250]
    assert cells["z"][row][column] == pytest.approx(math.log10(0.7938 / 10), abs=0.01)
    column, row = at[1, 2000]
    assert cells["z"][row][column] is None
    assert said[column, row].strip() == "∞"
    assert "grows without end" in cells["customdata"][row][column]
    assert cells["zmin"] == -cells["zmax"], "white is the deadline"


def test_the_best_cap_at_each_rate_is_framed_and_none_where_none_is_stable():
    assert len(FIGURES["policies"]()["layout"]["shapes"]) == 5
    assert FIGURES["no stable policy"]()["layout"]["shapes"] == []


def test_the_error_of_a_simulation_has_its_sign():
    dots, said = FIGURES["replay"]()["data"]
    assert dots["x"][2] == pytest.approx(-19.14, abs=0.01)
    assert said["text"][2].strip() == "-19.1 %"
    assert FIGURES["not known"]()["data"][0]["x"] == []


def test_a_bar_of_speed_is_green_to_the_right_and_red_to_the_left():
    one = FIGURES["speed"]()["data"][0]
    colors = dict(zip(VARIANTS["name"][1:], one["marker"]["color"], strict=True))
    lengths = dict(zip(VARIANTS["name"][1:], one["x"], strict=True))
    assert lengths["ort-int8"] == pytest.approx(math.log2(3.0), abs=1e-3)
    assert colors["ort-int8"] == shrinking.COLORS["faster"]
    assert lengths["torch-int8"] < 0
    assert colors["torch-int8"] == shrinking.COLORS["slower"]


def test_a_variant_that_was_not_made_keeps_its_row_and_has_no_bar():
    figure = FIGURES["speed of those made"]()
    assert len(figure["layout"]["yaxis"]["ticktext"]) == 9
    assert [len(trace["x"]) for trace in figure["data"]] == [7, 7, 7]


def test_no_flips_are_called_none():
    texts = FIGURES["flips"]()["data"][0]["text"]
    assert texts[0] == "none"
    assert len(texts) == 8


def test_the_mean_of_seeds_has_an_interval_as_soon_as_there_are_two():
    dots, said = FIGURES["difference"]()["data"]
    assert dots["x"][-1] == pytest.approx(0.5)
    assert dots["error_x"]["array"][-1] == pytest.approx(4.3)
    assert said["text"][-1].strip() == "+0.5"
    assert "error_x" not in FIGURES["difference of one"]()["data"][0]


def test_long_names_stand_on_several_lines_of_few_letters():
    axis = wrapped_rows.wrapped_axis(["Same student, no teacher", "CNN"])
    assert axis["ticktext"] == ["CNN", "Same student, no<br>teacher"]
    assert wrapped_rows.wrapped_height(1) < wrapped_rows.wrapped_height(10)
