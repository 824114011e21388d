"""The translation lab's figures: valid for plotly, honest about gaps, safe with texts."""

import json
import time

import plotly.graph_objects as go
import pytest
from painted import painted
from translation_records import (
    BUCKETS,
    HOSTILE,
    HYPOTHESIS,
    SENTENCE,
    bleu_columns,
    ladder_columns,
    model_tables,
    paired_columns,
)

from core.models.translators import TRANSLATORS
from core.runs.views import TableAt, TableView
from pages.components.figures import attention, comparison, diagnosis, style, translation


def view(columns):
    return TableView(TableAt(0, columns), TableAt(10, columns))


def tables(name, models=("plain", "attention")):
    found = {model: model_tables(model).get(name) for model in models}
    return {model: view(columns) for model, columns in found.items() if columns}


def attend(rows, columns):
    return [[1 / columns] * columns for _ in range(rows)]


TREE = [
    {"id": 0, "parent": None, "step": 0, "word": "<s>", "log_probability": 0.0, "kept": True},
    {"id": 1, "parent": 0, "step": 1, "word": HOSTILE, "log_probability": -0.1, "kept": True},
    {"id": 2, "parent": 0, "step": 1, "word": "chat", "log_probability": "-inf", "kept": False},
]
TREE = [{**node, "rank": rank} for node, rank in zip(TREE, (0, 0, 1), strict=True)]
RANGE = (4, 50)
FIGURES = {
    "bleu": lambda: translation.bleu_figure(
        tables("bleu"), view({"bucket": BUCKETS, "n": [9] * 6, "bleu": [1.0] * 6}), trained=RANGE
    ),
    "chrf": lambda: translation.bleu_figure(tables("bleu"), metric="chrf", trained=RANGE),
    "no bleu": lambda: translation.bleu_figure({}, trained=RANGE),
    "empty bleu": lambda: translation.bleu_figure(
        {"plain": view({name: [] for name in bleu_columns(1)})}, trained=RANGE
    ),
    "progress": lambda: translation.progress_figure(tables("progress"), 50, total=100),
    "ladder": lambda: comparison.ladder_figure(ladder_columns(), 50),
    "no ladder": lambda: comparison.ladder_figure({}, 50),
    "paired": lambda: comparison.paired_figure(paired_columns(("attention", "bidirectional"))),
    "no paired": lambda: comparison.paired_figure({}),
    "costs": lambda: diagnosis.cost_figure(tables("diagnosis")),
    "no costs": lambda: diagnosis.cost_figure({}),
    "swap": lambda: diagnosis.bucket_figure(tables("bottleneck"), diagnosis.SWAP, "accuracy"),
    "errors": lambda: diagnosis.bucket_figure(tables("exposure"), diagnosis.ERRORS, "error"),
    "repairs": lambda: diagnosis.bucket_figure(
        tables("length_effects"), diagnosis.REPAIRS, "BLEU", best=100
    ),
    "probe": lambda: diagnosis.probe_figure(tables("probe")),
    "no probe": lambda: diagnosis.probe_figure({}),
    "planted": lambda: diagnosis.bucket_figure(tables("exposure"), diagnosis.PLANTED, "error"),
    "recovery": lambda: diagnosis.recovery_figure(tables("recovery")),
    "positions": lambda: diagnosis.position_figure(tables("positions")),
    **{
        quality: lambda quality=quality: diagnosis.quality_figure(
            tables("attention_quality"), quality
        )
        for quality in diagnosis.QUALITIES
    },
    "attention": lambda: attention.attention_figure(
        attend(5, 6), SENTENCE, HYPOTHESIS, edits=[{"target": 1, "source": 2, "kind": "block"}]
    ),
    "no words": lambda: attention.attention_figure([], [], []),
    "erasure": lambda: attention.erasure_figure(attend(5, 6), SENTENCE, HYPOTHESIS),
    "beam": lambda: attention.beam_figure(TREE, [HOSTILE]),
    "no beam": lambda: attention.beam_figure([]),
}


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_knows_every_property_of_a_translation_figure(name):
    figure = FIGURES[name]()
    go.Figure(painted(figure))
    json.dumps(figure, allow_nan=False)


@pytest.mark.parametrize("name", ["attention", "erasure", "beam"])
def test_a_tag_among_the_words_is_shown_letter_by_letter(name):
    traces = FIGURES[name]()["data"]
    words = [json.dumps([t.get(key) for key in ("x", "y", "text", "customdata")]) for t in traces]
    assert "&lt;" in str(words)
    assert "<" not in str(words).replace("<br>", "")


def test_a_bucket_of_too_few_sentences_is_hollow_and_has_its_n_on_hover():
    trace = next(t for t in FIGURES["bleu"]()["data"] if t.get("name") == "Plain")
    assert trace["marker"]["symbol"] == ["circle"] * 3 + ["square"] + ["square-open"] * 2
    assert trace["marker"]["color"] == [style.model_color("plain")] * 4 + [style.MUTED] * 2
    assert trace["customdata"][-1][0] == "126 or more"
    assert "n = 5" in trace["customdata"][-1][1]
    assert "not a trained length" in trace["customdata"][-1][1]


def test_the_way_of_the_beam_to_its_hypothesis_is_thick_and_its_words_stand_below():
    figure = FIGURES["beam"]()
    way = figure["data"][-1]
    assert (way["x"], way["y"]) == ([0, 1, None], [0, 0, None])
    assert [attention.position_of(label) for label in figure["layout"]["xaxis"]["ticktext"]] == [0]
    assert attention.beam_figure(TREE, ["chien"])["data"][-1]["x"] == [], "no such way"


def test_a_difference_that_may_be_chance_is_hollow_and_keeps_its_interval():
    trace = FIGURES["paired"]()["data"][0]
    assert trace["marker"]["symbol"] == ["circle", "circle-open", "circle"]
    assert trace["error_y"]["array"] == [5, 4, 1]
    assert trace["error_y"]["arrayminus"] == [5, 3, 1]
    assert "may be chance" in trace["customdata"][1][1]


def test_models_beside_each_other_hide_no_interval_and_their_labels_stand_in_one_column():
    figure = FIGURES["paired"]()
    first, second = (trace["x"] for trace in figure["data"])
    assert all(a < b for a, b in zip(first, second, strict=True))
    assert len({label["x"] for label in figure["layout"]["annotations"]}) == 1


def test_lengths_without_any_sentence_take_no_room_in_the_chart():
    columns = bleu_columns(90.0) | {"bleu": [90.0, 50.0, None, None, None, None]}
    columns |= {"low": [None] * 6, "high": [None] * 6}
    figure = translation.bleu_figure({"plain": view(columns)}, trained=RANGE)
    assert figure["layout"]["xaxis"]["range"][1] == pytest.approx(25 * 1.03)


def test_the_floor_is_dashed_and_only_bleu_has_one():
    floors = {
        name: [t for t in FIGURES[name]()["data"] if t.get("name") == "floor"]
        for name in ("bleu", "chrf")
    }
    assert "dash" in floors["bleu"][0]["line"]
    assert floors["chrf"] == []


def test_a_missing_interval_leaves_a_gap_in_the_band_and_not_a_crash():
    band = FIGURES["bleu"]()["data"][0]
    assert band["fill"] == "toself"
    assert max(band["x"]) == 100


def test_every_word_has_a_label_of_its_own_that_says_its_position():
    labels = attention.word_labels(["the"] * 12)
    assert len(set(labels)) == 12
    assert [attention.position_of(label) for label in labels] == list(range(12))


def test_a_long_word_is_cut_and_can_be_read_whole_under_the_pointer():
    assert attention.shortened("incomprehensibilities") == "incomprehen…"
    assert attention.shortened("short") == "short"
    text = FIGURES["attention"]()["data"][0]["text"]
    assert "incomprehensibilities" in text[0][1]
    assert text[0][0] == ""


def test_an_accent_is_not_torn_from_its_letter():
    word = "abcdefghij" + "e\u0301" * 5
    assert attention.shortened(word) == "abcdefghij…"


def test_words_from_right_to_left_are_isolated_and_stay_in_their_order():
    labels = attention.word_labels(["שלום", "עולם"])
    assert [label[0] for label in labels] == ["\u2068"] * 2
    assert ["שלום" in label for label in labels] == [True, False]


def test_only_a_sentence_from_right_to_left_is_isolated():
    assert attention.sentence(["a", "small", "car"]) == "a small car"
    assert attention.sentence(["שלום", "</s>"]) == "\u2067\u2068שלום\u2069 \u2068</s>\u2069\u2069"


def test_a_heatmap_of_200_by_200_words_is_made_at_once():
    words = [f"word{i}" for i in range(199)] + ["incomprehensibilities"]
    start = time.process_time()
    figure = attention.attention_figure(attend(200, 200), words, words)
    written = json.dumps(figure, allow_nan=False)
    assert time.process_time() - start < 0.5
    assert len(written) < 3_000_000


def test_every_translator_of_the_catalogue_has_a_label_and_a_name_unknown_is_kept():
    assert all(translation.translator_label(n) == s.label for n, s in TRANSLATORS.items())
    assert translation.translator_label("oracle") == "oracle"


def test_more_edits_than_words_stay_in_the_frame():
    assert FIGURES["planted"]()["layout"]["yaxis"]["range"][1] > 1.3
    assert FIGURES["errors"]()["layout"]["yaxis"]["range"][1] < 1.1


def test_the_bars_of_a_cause_that_is_not_named_are_pale():
    bars = FIGURES["costs"]()["data"][0]
    assert bars["marker"]["opacity"] == [1.0, 0.45, 0.45, 0.45]
    assert bars["y"] == [0.6, None, 0.05, 0.01], "what was not measured is not nothing"
