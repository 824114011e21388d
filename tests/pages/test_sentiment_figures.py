"""The sentiment lab's figures: valid for plotly, honest about ties and gaps, safe with texts."""

import json

import plotly.graph_objects as go
import pytest
from painted import painted
from sentiment_records import (
    HOSTILE,
    LENGTHS,
    MODELS,
    data_columns,
    model_tables,
    shootout_columns,
)

from core.labs.recommendation import USUAL_WEIGHTS, recommend
from core.labs.sentiment_shown import shootout_rows
from core.models.classifiers import CLASSIFIERS
from core.runs.views import TableAt, TableView
from pages.components.figures import (
    answers,
    frontier,
    probes,
    recommendation,
    sentiment,
    style,
    text_reading,
)

WORDS = ["a", "film", "not", "bad", HOSTILE.split()[0], "שלום", "incomprehensibilities", "."]
SHARES = [0.1, -0.2, 0.3, 0.0, 0.05, -0.01, 0.4, 0.0]
ANSWERS = [{"model": model, "probabilities": [0.3, 0.7]} for model in ("lstm", "cnn", "nb-svm")]
THREE = [{"model": "lstm", "probabilities": [0.2, 0.3, 0.5]}]
NGRAMS = [
    {"words": f"not bad {HOSTILE}", "start": 2, "kernel": 3, "filters": 4, "weight": 0.5},
    {"words": "a film", "start": 0, "kernel": 3, "filters": 1, "weight": -0.1},
]
PATH = {
    "words": WORDS,
    "probability": [0.5, 0.5, 0.3, 0.1, 0.1, 0.2, 0.8, 0.9],
    "norm": [1.0] * 8,
    "change": [1.0, 0.1, 0.5, 0.9, 0.2, 0.1, 0.7, 0.1],
    "x": [0.0, 1, 2, 3, 4, 5, 6, 7],
    "y": [0.0, 1, 0, 1, 0, 1, 0, 1],
}
EMPTY_PATH = {name: [] for name in PATH}


def view(columns):
    return TableView(TableAt(0, columns), TableAt(10, columns))


def tables(name, models=MODELS):
    found = {model: model_tables(model).get(name) for model in models}
    return {model: view(columns) for model, columns in found.items() if columns}


def emptied(name):
    """The tables of a name as they are before their first row."""
    return {
        model: view({column: [] for column in found.latest.columns})
        for model, found in tables(name).items()
    }


def nothing(columns):
    return {name: [] for name in columns}


WAITING = shootout_columns(states=dict.fromkeys(MODELS, "waiting"))
RANKING = recommend(shootout_rows(shootout_columns()), USUAL_WEIGHTS).ranking
FIGURES = {
    "accuracy": lambda: sentiment.accuracy_figure(shootout_columns()),
    "accuracy of one": lambda: sentiment.accuracy_figure(shootout_columns(("lstm",))),
    "no accuracy yet": lambda: sentiment.accuracy_figure(WAITING),
    "no accuracy": lambda: sentiment.accuracy_figure({}),
    "frontier": lambda: frontier.frontier_figure(shootout_columns()),
    "no frontier yet": lambda: frontier.frontier_figure(WAITING),
    "no frontier": lambda: frontier.frontier_figure({}),
    "ranking": lambda: recommendation.ranking_figure(RANKING, USUAL_WEIGHTS),
    "no ranking": lambda: recommendation.ranking_figure((), USUAL_WEIGHTS),
    "epochs": lambda: sentiment.epochs_figure(tables("epochs")),
    "no epochs": lambda: sentiment.epochs_figure(emptied("epochs")),
    "lengths": lambda: sentiment.cap_figure(LENGTHS),
    "no lengths": lambda: sentiment.cap_figure(nothing(LENGTHS)),
    "classes": lambda: sentiment.classes_figure(data_columns(("<b>", "y" * 60, "=1+1"))),
    "no classes": lambda: sentiment.classes_figure(nothing(data_columns())),
    "confusion": lambda: answers.confusion_figure(model_tables("lstm")["confusion"]),
    "confusion of many": lambda: answers.confusion_figure(
        model_tables("lstm", tuple(f"<i>{n}" for n in range(14)))["confusion"]
    ),
    "no confusion": lambda: answers.confusion_figure({}),
    "calibration": lambda: answers.calibration_figure(tables("calibration"), "lstm"),
    "no calibration": lambda: answers.calibration_figure(emptied("calibration"), "lstm"),
    "by length": lambda: answers.length_figure(tables("by_length"), "cnn"),
    "by no length": lambda: answers.length_figure(emptied("by_length"), "cnn"),
    "order": lambda: probes.order_figure(tables("word_order"), "accuracy"),
    "flips": lambda: probes.order_figure(tables("word_order"), "flips"),
    "no order": lambda: probes.order_figure(emptied("word_order"), "accuracy"),
    "negation": lambda: probes.negation_figure(model_tables("lstm")["negation"]),
    "no negation": lambda: probes.negation_figure({}),
    "padding": lambda: probes.padding_figure(tables("padding")),
    "no padding": lambda: probes.padding_figure(emptied("padding")),
    "longer": lambda: probes.longer_figure(tables("longer"), 60),
    "no longer": lambda: probes.longer_figure(emptied("longer"), 60),
    "cosine": lambda: probes.padding_lab_figure(tables("padding_lab"), "cosine"),
    "cost of padding": lambda: probes.padding_lab_figure(tables("padding_lab"), "accuracy"),
    "no padding lab": lambda: probes.padding_lab_figure(emptied("padding_lab"), "cosine"),
    "probabilities": lambda: text_reading.probability_figure(ANSWERS, ("<u>", "positive")),
    "probabilities of 3": lambda: text_reading.probability_figure(THREE, ("<u>", "b", "c" * 40)),
    "no probabilities": lambda: text_reading.probability_figure([], ("a", "b")),
    "strip": lambda: text_reading.strip_figure(WORDS, SHARES),
    "strip of many": lambda: text_reading.strip_figure(WORDS * 25, SHARES * 25),
    "no strip": lambda: text_reading.strip_figure([], []),
    "n-grams": lambda: text_reading.ngrams_figure(NGRAMS),
    "no n-grams": lambda: text_reading.ngrams_figure([]),
    "path": lambda: text_reading.path_figure(PATH, "lstm"),
    "no path": lambda: text_reading.path_figure(EMPTY_PATH, "lstm"),
    "plane": lambda: text_reading.plane_figure(PATH, "lstm"),
    "no plane": lambda: text_reading.plane_figure(EMPTY_PATH, "lstm"),
    "attention": lambda: text_reading.word_attention_figure([[1 / 8] * 8] * 8, WORDS),
}
WITH_TEXTS = ("classes", "confusion of many", "probabilities", "probabilities of 3", "strip")
WITH_TEXTS += ("n-grams", "path", "plane", "attention")
MARKUP = ("<b", "<i", "<u", "<s")


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_knows_every_property_of_a_sentiment_figure(name):
    figure = FIGURES[name]()
    go.Figure(painted(figure))
    json.dumps(figure, allow_nan=False)


@pytest.mark.parametrize("name", FIGURES)
def test_an_axis_of_numbers_has_a_title_unless_its_ticks_are_names(name):
    layout = FIGURES[name]()["layout"]
    for axis in (layout["xaxis"], layout["yaxis"]):
        is_named = "ticktext" in axis or axis.get("showticklabels") is False
        assert axis["title"]["text"] or is_named


@pytest.mark.parametrize("name", WITH_TEXTS)
def test_a_tag_in_a_text_or_a_class_is_shown_letter_by_letter(name):
    written = json.dumps(FIGURES[name](), ensure_ascii=False)
    assert "&lt;" in written
    assert not [tag for tag in MARKUP if tag in written.replace("<br>", "")]


def test_what_counts_nothing_has_no_column_and_the_best_stands_on_top():
    figure = recommendation.ranking_figure(RANKING, {**USUAL_WEIGHTS, "size": 0.0})
    assert figure["layout"]["xaxis"]["ticktext"] == ["Score", "Accuracy", "Latency", "Training"]
    assert figure["layout"]["yaxis"]["ticktext"][0] == RANKING[0].label
    scores = [row[0] for row in figure["data"][0]["z"]]
    assert scores == sorted(scores, reverse=True)


def test_ties_with_the_best_are_hollow_and_the_best_itself_is_full():
    trace = FIGURES["accuracy"]()["data"][0]
    hollow = [
        name
        for (name, _), symbol in zip(trace["customdata"], trace["marker"]["symbol"], strict=True)
        if symbol == "circle-open"
    ]
    assert hollow == ["Bag of words", "LSTM"]
    assert trace["error_x"]["array"][0] == pytest.approx(0.016)


def test_a_model_that_waits_keeps_its_row():
    axis = FIGURES["no accuracy yet"]()["layout"]["yaxis"]
    assert len(axis["ticktext"]) == len(MODELS)


def test_the_area_of_a_dot_is_its_megabytes():
    sizes = shootout_columns(("lstm", "cnn")) | {"megabytes": [4.0, 16.0]}
    small, large = frontier.frontier_figure(sizes)["data"][1:]
    assert large["marker"]["size"] == 2 * small["marker"]["size"]


def test_the_frontier_rises_through_the_models_on_it_and_no_label_covers_another():
    figure = FIGURES["frontier"]()
    line = figure["data"][0]
    assert line["x"] == sorted(line["x"])
    assert line["y"] == sorted(line["y"])
    labels = figure["layout"]["annotations"]
    assert {label["text"] for label in labels} == {
        CLASSIFIERS[model].label for model in MODELS if model != "majority"
    }


def test_texts_that_are_cut_are_pale_behind_those_read_whole_and_the_cap_is_a_line():
    figure = FIGURES["lengths"]()
    every, whole = figure["data"]
    assert every["y"] == LENGTHS["count"]
    assert whole["y"] == LENGTHS["kept"]
    assert every["marker"]["opacity"] < 1
    assert figure["layout"]["shapes"][0]["x0"] == 45


def test_shares_of_a_confusion_are_of_its_row_and_many_classes_have_no_counts():
    heat = FIGURES["confusion"]()["data"][0]
    assert heat["z"] == [[0.769, 0.231], [0.231, 0.769]]
    assert heat["text"][0][0] == "100<br>77%"
    assert "text" not in FIGURES["confusion of many"]()["data"][0]


def test_the_chosen_model_stands_full_before_the_others_and_the_diagonal_is_dashed():
    diagonal, *curves = FIGURES["calibration"]()["data"]
    assert "dash" in diagonal["line"]
    assert curves[-1]["name"] == "LSTM"
    assert "opacity" not in curves[-1]
    assert all(curve["opacity"] < 1 for curve in curves[:-1])


def test_a_bin_of_few_texts_is_left_out_and_the_last_one_has_no_end():
    axis = FIGURES["by length"]()["layout"]["xaxis"]
    assert axis["ticktext"] == ["1–10", "11–20"], "of three texts nothing is said"
    assert answers.bin_name(401, float("inf")) == "401+"


def test_a_bag_of_words_has_all_its_orders_in_one_place():
    trace = FIGURES["order"]()["data"][0]
    assert trace["x"] == [0.76] * 3
    assert trace["marker"]["symbol"] == list(probes.ORDERS.values())


def test_a_negation_that_turns_the_answer_is_green():
    turned, kept = FIGURES["negation"]()["data"]
    assert turned["marker"]["color"] == style.GREEN
    assert kept["marker"]["color"] == style.MUTED


def test_no_change_at_all_is_a_triangle_on_the_lower_edge():
    naive = next(t for t in FIGURES["padding"]()["data"] if t["name"] == "LSTM as written")
    assert naive["marker"]["symbol"] == ["triangle-down", "circle", "circle", "circle"]
    assert naive["y"][2] == pytest.approx(-0.5229)


def test_the_code_as_written_is_dashed_and_the_right_reading_solid():
    lines = {t["name"]: t["line"] for t in FIGURES["cosine"]()["data"] if t.get("name")}
    assert "dash" in lines["LSTM, after pads"]
    assert "dash" not in lines["LSTM"]
    assert FIGURES["cosine"]()["layout"]["shapes"], "0.5 is a threshold"


def test_lengths_that_were_trained_are_shaded():
    band = FIGURES["longer"]()["layout"]["shapes"][0]
    assert 10 ** band["x1"] == pytest.approx(60, rel=1e-3)


def test_words_of_a_strip_are_read_in_lines_and_its_colours_are_centred_at_zero():
    trace = FIGURES["strip"]()["data"][0]
    assert [len(row) for row in trace["z"]] == [5, 5]
    assert trace["z"][1][3:] == [None, None]
    assert trace["zmin"] == -trace["zmax"]
    assert len(FIGURES["strip of many"]()["data"][0]["z"][0]) == 8


def test_two_classes_are_a_dot_and_more_a_heatmap():
    assert FIGURES["probabilities"]()["data"][0]["x"] == [0.7] * 3
    assert FIGURES["probabilities of 3"]()["data"][0]["z"] == [[0.2, 0.3, 0.5]]


def test_every_classifier_has_a_label_and_a_name_unknown_is_kept():
    assert all(sentiment.classifier_label(n) == s.label for n, s in CLASSIFIERS.items())
    assert sentiment.classifier_label("oracle") == "oracle"
