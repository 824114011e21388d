import numpy as np
import pytest
from lab_runs import TINY_REVIEWS
from tiny_encoders import save_encoder

from core.errors import ConfigError, DataMissingError, TextError
from core.labs.sentiment import run
from core.labs.sentiment_config import LATENCY_BATCHES, SentimentConfig
from core.models.classifiers import CLASSIFIERS
from core.text.labelled import LabelledText, read_labelled_paste
from core.training.events import as_record

ROW = {
    *("name", "accuracy", "accuracy_low", "accuracy_high", "macro_f1", "parameters"),
    *("embedding_parameters", "megabytes", "train_seconds", "latency_ms"),
}
COLUMNS = {
    "data": ["part", "class", "count"],
    "lengths": ["words", "count", "kept", "cap"],
    "folds": ["fold", "accuracy", "macro_f1", "n", "epochs", "best_epoch", "seconds"],
    "epochs": ["fold", "epoch", "update", "train_loss", "dev_loss", "dev_accuracy", "seconds"],
    "confusion": ["reference", "predicted", "count"],
    "calibration": ["low", "high", "confidence", "accuracy", "n", "ece"],
    "errors": ["text", "reference", "predicted", "probability", "words", "fold"],
    "by_length": ["low", "high", "n", "accuracy", "accuracy_low", "accuracy_high"],
    "word_order": ["probe", "n", "accuracy", "flips", "largest_change"],
    "negation": [
        *("plain", "negated", "polarity", "probability_plain", "probability_negated"),
        *("plain_right", "negated_right", "flips"),
    ],
    "padding": ["pads", "largest_change", "flips", "accuracy"],
    "padding_lab": ["reading", "pads", "cosine", "cosine_low", "cosine_high", "accuracy", "n"],
    "longer": ["words", "n", "accuracy", "accuracy_low", "accuracy_high"],
}
TIMED = {"train_seconds", "latency_ms", "frontier", "seconds"}
OPINIONS = "\n".join(
    f"{feeling} {thing}, number {i}\t{label}"
    for i in range(25)
    for feeling, thing, label in (
        ("lovely", "soup", "Positive"),
        ("awful", "bread", "Negative"),
        ("plain", "water", "Neutral"),
    )
)


def newest(run_, name, model):
    return run_.of("table", name=name, model=model)[-1].columns


def repeatable(event):
    """Return all of the event but how long something took."""
    record = as_record(event)
    record.pop("seconds", None)
    for row in record.get("results", []):
        for name in TIMED:
            row.pop(name, None)
    columns = record.get("columns", {})
    for name in [name for name in columns if name in TIMED or name.startswith(("p50", "p95"))]:
        columns.pop(name)
    if event.kind == "checkpoint":
        record["state"] = {name: tensor.tolist() for name, tensor in event.state.items()}
    return record


def test_a_row_of_the_results_has_what_the_command_line_promises(sentiment_run):
    run_ = sentiment_run()
    assert [row["name"] for row in run_.result.results] == list(run_.rows)
    for name, row in run_.rows.items():
        assert set(row) >= ROW
        assert set(row["latency_ms"]) == {str(batch) for batch in LATENCY_BATCHES}
        assert all(0 < p50 <= p95 for p50, p95 in row["latency_ms"].values()), name
        assert 0 <= row["accuracy_low"] <= row["accuracy"] <= row["accuracy_high"] <= 1
        assert row["embedding_parameters"] + row["other_parameters"] == row["parameters"]


def test_every_table_has_its_columns_and_equally_many_rows(sentiment_run):
    run_ = sentiment_run()
    tables = [event for event in run_.of("table") if event.name != "shootout"]
    assert {event.name for event in tables} == set(COLUMNS)
    for event in tables:
        assert list(event.columns) == COLUMNS[event.name], event.name
        assert len({len(values) for values in event.columns.values()}) == 1, event.name


def test_the_shoot_out_fills_in_live_the_quickest_models_first(sentiment_run):
    run_ = sentiment_run()
    looks = [event.columns for event in run_.of("table", name="shootout")]
    assert all(columns["model"] == list(run_.rows) for columns in looks)
    filled = [sum(value is not None for value in columns["accuracy"]) for columns in looks]
    assert filled[:3] == [0, 1, 2]
    assert filled == sorted(filled)
    assert filled[-1] == len(run_.rows)
    assert set(looks[-1]["state"]) == {"done"}
    first = next(columns for columns in looks if columns["accuracy"][2] is not None)
    assert first["accuracy"][3] is None  # NB-SVM is known before an LSTM has learned


def test_each_text_is_tested_once_and_the_accuracy_is_that_of_all_folds(sentiment_run):
    run_ = sentiment_run()
    for name, row in run_.rows.items():
        folds = newest(run_, "folds", name)
        assert folds["fold"] == [1, 2]
        assert sum(folds["n"]) == row["n"] == 60
        assert row["accuracy"] == pytest.approx(np.mean(folds["accuracy"]))
        confusion = newest(run_, "confusion", name)
        wrong = [
            count
            for reference, predicted, count in zip(*confusion.values(), strict=True)
            if reference != predicted
        ]
        assert sum(wrong) == row["errors"]


def test_a_bag_of_words_does_not_change_a_bit_when_its_words_change_places(sentiment_run):
    found = newest(sentiment_run(), "word_order", "bag-of-words")
    assert found["largest_change"] == [0.0, 0.0, 0.0]
    assert any(newest(sentiment_run(), "word_order", "cnn")["largest_change"])


@pytest.mark.parametrize("name", ["bag-of-words", "lstm", "bilstm", "cnn", "transformer"])
def test_padding_changes_nothing_of_a_right_model(sentiment_run, name):
    found = newest(sentiment_run(), "padding", name)
    assert found["pads"][-1] == 400
    assert max(found["largest_change"]) < 1e-6
    assert not any(found["flips"])


def test_padding_changes_the_code_as_written(sentiment_run):
    for name in ("lstm-naive", "cnn-naive"):
        assert max(newest(sentiment_run(), "padding", name)["largest_change"]) > 1e-4


def test_the_padding_lab_reads_recurrent_models_only(sentiment_run):
    run_ = sentiment_run()
    read = {event.model for event in run_.of("table", name="padding_lab")}
    assert read == {"lstm", "bilstm", "lstm-naive"}


def test_series_and_weights_are_of_the_first_fold(sentiment_run):
    run_ = sentiment_run()
    neural = [name for name in run_.rows if CLASSIFIERS[name].is_neural]
    assert {event.model for event in run_.of("series")} == set(neural)
    for name in neural:
        steps = run_.column(name, "step")
        assert steps == list(range(1, len(steps) + 1))
        epochs = newest(run_, "epochs", name)
        ends = [at for at, fold in zip(epochs["update"], epochs["fold"], strict=True) if fold == 1]
        assert steps[-1] == ends[-1]
    assert {event.model for event in run_.of("checkpoint")} == set(neural)


def test_progress_rises_to_its_total(sentiment_run):
    told = sentiment_run().of("progress")
    steps = [event.step for event in told]
    assert steps == sorted(steps)
    assert told[-1].step == told[-1].total == told[0].total


def test_the_same_config_gives_the_same_run():
    settings = {"models": ("nb-svm", "lstm", "cnn", "bilstm"), "folds": 1}
    config = SentimentConfig(**{**TINY_REVIEWS, **settings})
    one, again = (
        [repeatable(e) for e in run(config) if e.kind not in ("progress", "words")]
        for _ in range(2)
    )
    by_key = [sorted(map(repr, events)) for events in (one, again)]
    assert by_key[0] == by_key[1]


def test_own_rows_of_three_classes_are_learned(sentiment_run):
    text = read_labelled_paste(OPINIONS).packed()
    run_ = sentiment_run(
        text=text, source="own", models=("majority", "nb-svm", "bag-of-words"), least_count=1
    )
    assert run_.rows["nb-svm"]["accuracy"] == 1
    assert set(newest(run_, "confusion", "nb-svm")["reference"]) == {
        *("Negative", "Neutral", "Positive"),
    }
    assert not run_.of("table", name="negation")  # the classes are no polarity
    assert "your own labelled texts" in run_.result.signature


def own_polarity(count=40):
    rows = [
        f"a wonderful, moving film {i}\tpos\na boring, stupid mess {i}\tneg" for i in range(count)
    ]
    return read_labelled_paste("\n".join(rows))


def test_models_of_one_source_are_tested_on_another(sentiment_run):
    settings = {"models": ("majority", "nb-svm"), "rows": 2000}
    text: LabelledText = own_polarity()
    there = sentiment_run(text=text.as_test().packed(), test_source="own", **settings)
    assert there.rows["nb-svm"]["n"] == 80
    assert there.rows["nb-svm"]["accuracy"] > 0.8
    back = sentiment_run(text=text.packed(), source="own", test_source="mr", **settings)
    assert back.rows["nb-svm"]["n"] > 4000
    assert any("another source" in sentence for sentence in back.of("words")[-1].sentences)


def test_sources_of_different_classes_are_refused(sentiment_run):
    text = read_labelled_paste(OPINIONS).packed()
    with pytest.raises(ConfigError, match="test on have other classes"):
        sentiment_run(text=text, source="own", test_source="mr")


def test_own_rows_that_were_not_given_are_asked_for():
    with pytest.raises(TextError, match="No labelled texts of your own were given"):
        next(iter(run(SentimentConfig(source="own"))))


def test_a_model_that_diverges_ends_and_the_others_go_on(sentiment_run):
    run_ = sentiment_run(
        models=("nb-svm", "lstm", "transformer"), learning_rate=10.0, clip=0.0, folds=1
    )
    assert all(row["accuracy"] is not None for row in run_.rows.values())
    assert run_.kinds()[-1] == "result"


def test_a_model_that_cannot_be_tuned_says_why_and_ends_no_other(sentiment_run, tmp_path):
    save_encoder(tmp_path, "albert", embedding_size=16)
    run_ = sentiment_run(
        models=("pretrained-top", "pretrained-frozen"), encoder=str(tmp_path), rows=60, folds=1
    )
    top, frozen = run_.rows["pretrained-top"], run_.rows["pretrained-frozen"]
    assert (top["state"], top["accuracy"]) == ("unavailable", None)
    assert "cannot be tuned alone" in top["note"]
    assert (frozen["state"], frozen["note"]) == ("done", "")
    told = run_.of("progress")[-1]
    assert told.step == told.total


def test_a_run_whose_models_cannot_be_trained_at_all_ends_with_the_reason(tmp_path):
    settings = {"models": ("pretrained-top",), "encoder": str(tmp_path / "none"), "rows": 60}
    with pytest.raises((ConfigError, DataMissingError)):
        list(run(SentimentConfig(**settings, device="cpu")))


def test_sizes_that_cannot_be_equal_are_refused_before_anything_is_trained():
    config = SentimentConfig(
        sizing="equal-multiply-adds", width=1024, hidden=8, rows=60, device="cpu"
    )
    with pytest.raises(ConfigError, match="cannot be made as large as the others"):
        next(iter(run(config)))


def test_live_settings_are_part_of_the_recipe(sentiment_run):
    run_ = sentiment_run(turns=((2, "learning_rate", 0.05),), models=("cnn",), folds=1)
    assert "turned: learning_rate=0.05 after update 2" in run_.result.signature


def test_a_run_can_be_closed_at_any_time():
    config = SentimentConfig(rows=300, folds=1, epochs=1, hidden=8, width=8, device="cpu")
    events = run(config)
    for event in events:
        if event.kind == "progress" and event.step == 3:
            break
    events.close()
