"""The sentiment lab's page over runs made by hand: every state, every choice, every view."""

import pytest
from sentiment_records import HOSTILE, HOW_TO_GET, MODELS, lab_events, stored_run

from core.labs.config import PRESETS
from core.labs.sentiment_config import SentimentConfig
from pages.components.shootout_table import (
    accuracy_words,
    errors_words,
    latency_words,
    state_words,
)

PAGE = "pages/labs/sentiment.py"
PROBE = "probe:lab"
"""The choice of a probe, in a run that has the code as written: it opens on the padding lab."""
CONFIG = SentimentConfig(models=MODELS, most_words=45)
ROWS = "\n".join(
    f"a {'fine' if n % 2 else 'dull'} film number {n}\t{'good' if n % 2 else 'bad'}"
    for n in range(60)
)


@pytest.fixture
def open_run(visit, engine):
    """Return how to open the page on a run made by hand."""

    def open_page(config=CONFIG, **how):
        return visit(PAGE, run=stored_run(engine.store, config, **how))

    return open_page


def shown(at):
    assert not at.exception
    assert not at.error
    return [text.value for text in [*at.markdown, *at.caption]]


def table(at, column):
    return next(frame.value for frame in at.dataframe if column in frame.value)


def use_rows(at, text):
    at.text_area(key="sentiment_rows:pasted_rows").set_value(text)
    return next(b for b in at.button if b.label == "Use these rows").click().run()


@pytest.mark.slow
def test_tiny_classifiers_are_trained_and_then_read_a_typed_text(open_run, engine):
    tiny = SentimentConfig(
        models=("majority", "bag-of-words", "cnn"), folds=1, rows=300, hidden=16, width=16, epochs=1
    )
    at = open_run(tiny, events=[])
    at.number_input(key="sentiment.rows").set_value(400).run()
    at.button(key="train").click().run()
    assert not at.exception
    assert engine.pool.wait(at.query_params["run"], 180) == "done"
    at.run()
    said = shown(at)
    assert at.get("progress")[0].proto.text.startswith("**Done** · ")
    assert any(text.startswith("Signature: ") for text in said)
    assert list(table(at, "state")["state"]) == ["done"] * 3
    at.segmented_control(key="text:how").set_value("Type one").run()
    at.text_area(key="text:typed").set_value("not bad at all").run()
    shown(at)
    assert "not bad at all" in [text.value for text in at.text]
    assert any("**The runs of words that win in CNN**" in text for text in shown(at))


def test_the_shootout_has_a_row_a_model_and_calls_ties_by_their_name(open_run):
    at = open_run()
    shown(at)
    found = table(at, "state").set_index("model")
    assert list(found.index)[:3] == ["Majority class", "Bag of words", "NB-SVM"]
    assert found["accuracy"]["NB-SVM"] == "77.0 (75.4–78.6)"
    assert found["errors"]["NB-SVM"] == "best: 589 of 2,559"
    assert found["errors"]["LSTM"] == "+26, tie"
    assert found["errors"]["Transformer"] == "+77"
    assert found["ms_1"]["Bag of words"] == "0.1 / 0.12"


def test_a_model_that_waits_trains_or_cannot_run_says_so(open_run):
    states = {"lstm": "training", "cnn": "waiting", "transformer": "unavailable"}
    at = open_run(events=lab_events(states=states), state="running")
    shown(at)
    found = table(at, "state").set_index("model")
    assert found["state"]["LSTM"] == "fold 1 of 3"
    assert found["state"]["CNN"] == "waiting"
    assert found["state"]["Transformer"] == "not here"
    assert found["accuracy"]["CNN"] == ""
    assert f"Transformer: {HOW_TO_GET}" in [text.value for text in at.text]


def test_words_of_the_table_by_hand():
    row = {"accuracy": 0.761, "accuracy_low": 0.744, "accuracy_high": 0.777, "n": 2559}
    row |= {"errors": 612, "more_errors": 12, "tie": True, "state": "training", "folds": 3}
    assert accuracy_words(row) == "76.1 (74.4–77.7)"
    assert accuracy_words(row | {"accuracy_low": None}) == "76.1"
    assert errors_words(row, is_best=False) == "+12, tie"
    assert errors_words(row | {"tie": False}, is_best=False) == "+12"
    assert errors_words(row | {"more_errors": None}, is_best=False) == ""
    assert state_words(row, 3) == "fold 3 of 3", "the last fold is looked at until all is done"
    assert state_words(row, 3, is_ended=True) == "ended"
    assert state_words(row | {"state": "done"}, 3, is_ended=True) == "done"
    assert latency_words({"p50_8": 1.234, "p95_8": 12.34}, 8) == "1.2 / 12"
    assert latency_words({"p50_8": None, "p95_8": None}, 8) == ""


@pytest.mark.parametrize("events", [[], list(lab_events(is_whole=False))])
def test_a_run_that_ended_early_says_what_will_not_come(open_run, events):
    said = shown(open_run(events=events, state="stopped"))
    assert "There are none: this run ended before a model was tested." in said
    assert "There is none: this run ended before latency was measured." in said
    assert "This run ended before latency was measured." in said
    assert not any("come when" in text or "on their way" in text for text in said)


def test_the_page_opens_on_its_example(visit):
    at = visit(PAGE)
    shown(at)
    assert at.get("progress")[0].proto.text.startswith("Example · ")


def test_nothing_of_a_text_or_a_class_is_put_into_the_page_as_markup(open_run):
    classes = (HOSTILE, "![x](http://127.0.0.1/x.png)")
    at = open_run(events=lab_events(classes=classes))
    said = shown(at)
    for bad in classes:
        assert not [text for text in said if bad in text]
        assert not [html for html in at.get("html") if bad in str(html.proto)]
    assert any(HOSTILE in frame.value.to_csv() for frame in at.dataframe)


def test_the_answers_of_any_model_can_be_looked_at(open_run):
    at = open_run()
    assert at.selectbox(key="answers_of").value == "bag-of-words"
    for model in MODELS:
        at.selectbox(key="answers_of").set_value(model).run()
        shown(at)
    assert "**LSTM as written: the errors it is surest of**" in shown(at)
    assert any("Its calibration error is 8.0%" in text for text in shown(at))


@pytest.mark.parametrize("probe", ["negation", "padding", "lab", "longer", "order"])
def test_every_probe_can_be_shown(open_run, probe):
    at = open_run()
    at.segmented_control(key=PROBE).set_value(probe).run()
    shown(at)


@pytest.mark.parametrize("probe", ["negation", "padding", "lab", "longer", "order"])
def test_a_probe_that_was_not_made_says_so(open_run, probe):
    models = ("majority", "bag-of-words")
    config = SentimentConfig(models=models)
    at = open_run(config, events=lab_events(models, classes=("a", "b", "c")))
    at.segmented_control(key="probe:order").set_value(probe).run()
    said = shown(at)
    if probe == "negation":
        assert any(text.startswith("There is no such probe here") for text in said)
    if probe == "lab":
        assert any(text.startswith("Only recurrent models have") for text in said)


def test_negations_are_counted_by_model(open_run):
    at = open_run()
    at.segmented_control(key=PROBE).set_value("negation").run()
    shown(at)
    counts = table(at, "flips").set_index("model")
    assert (counts["plain_right"]["LSTM"], counts["flips"]["LSTM"]) == (2, 1)
    assert any(text.startswith("Right of 2 pairs.") for text in shown(at))


def test_what_counts_decides_what_is_shipped(open_run):
    at = open_run()
    assert any(text.startswith("I would ship ") for text in shown(at))
    for name in ("accuracy", "size", "training"):
        at.slider(key=f"weight:{name}").set_value(0.0)
    at.slider(key="weight:latency").set_value(1.0).run()
    assert any(text.startswith("I would ship Bag of words") for text in shown(at))
    at.slider(key="weight:latency").set_value(0.0).run()
    said = [text for text in shown(at) if text.startswith("All weights are 0, so nothing counts")]
    assert len(said) == 2, "in the ranking's place and in the answer's"


def test_another_source_is_no_preset_any_more(open_run):
    at = open_run()
    at.segmented_control(key="sentiment:preset").set_value("Quick").run()
    at.selectbox(key="sentiment.source").set_value("imdb").run()
    assert at.segmented_control(key="sentiment:preset").value is None


def test_a_source_brings_its_cap_and_never_tests_on_itself(open_run):
    at = open_run()
    at.selectbox(key="sentiment.test_source").set_value("own").run()
    at.selectbox(key="sentiment.source").set_value("own").run()
    assert not at.exception
    assert at.selectbox(key="sentiment.test_source").value == "same"
    assert at.slider(key="sentiment.most_words").value == 200
    at.selectbox(key="sentiment.source").set_value("mr").run()
    assert at.slider(key="sentiment.most_words").value == 60
    shown(at)


def test_what_the_cap_cuts_off_is_said_before_training(open_run):
    at = open_run()
    at.slider(key="sentiment.most_words").set_value(20).run()
    assert any("of 8,530 texts" in text and "are cut there" in text for text in shown(at))
    at.slider(key="sentiment.most_words").set_value(60).run()
    assert "All 8,530 texts are read whole." in shown(at)


def test_own_texts_are_asked_for_read_trained_on_and_named_in_the_command(open_run, engine):
    at = open_run()
    at.selectbox(key="sentiment.source").set_value("own").run()
    assert not at.exception
    assert at.error[0].value.startswith("There are no labelled texts of yours yet")
    assert at.button(key="train").disabled
    at = use_rows(at, ROWS)
    said = shown(at)
    assert "All 60 texts are read whole." in said
    assert not at.button(key="train").disabled
    at.button(key="train").click().run()
    run_id = at.query_params["run"]
    text = (engine.store.folder(run_id) / "text.txt").read_text(encoding="utf-8")
    assert text.splitlines()[0] == '["a dull film number 0", "bad"]'
    engine.pool.command(run_id, "stop")
    engine.pool.wait(run_id, 60)
    assert "--set train=your_rows.csv" in at.code[-1].value
    assert "source=" not in at.code[-1].value.replace("test_source=", "")


def test_own_texts_can_be_tested_on_alone(open_run):
    at = open_run(SentimentConfig(models=MODELS, test_source="own"))
    assert "--set test=your_rows.csv" in at.code[-1].value
    assert any("`your_rows.csv` stands for your table" in text.value for text in at.caption)
    at = use_rows(at, "a fine film\tpositive\n")
    assert not at.exception
    assert not at.button(key="train").disabled


@pytest.mark.parametrize("name", PRESETS["sentiment"])
def test_a_preset_fills_the_form_and_can_be_trained(open_run, name, monkeypatch):
    monkeypatch.setattr("pages.components.sentiment_form.review_lengths", lambda source: [20, 300])
    at = open_run()
    at.segmented_control(key="sentiment:preset").set_value(name).run()
    shown(at)
    preset = PRESETS["sentiment"][name]
    assert at.selectbox(key="sentiment.source").value == preset.source
    assert at.slider(key="sentiment.most_words").value == preset.most_words
    assert not at.button(key="train").disabled


def test_a_preset_leaves_own_texts_in_use(open_run):
    at = open_run()
    at.selectbox(key="sentiment.source").set_value("own").run()
    at = use_rows(at, ROWS)
    at.segmented_control(key="sentiment:preset").set_value("Padding").run()
    shown(at)
    assert at.selectbox(key="sentiment.source").value == "own"
    assert list(at.multiselect(key="sentiment.models").value) == ["majority", "lstm", "lstm-naive"]


def test_a_pretrained_encoder_is_downloaded_only_where_the_visitor_says_so(open_run):
    at = open_run(SentimentConfig(models=("bag-of-words", "pretrained-top")))
    assert at.toggle(key="sentiment.download").value is False
    at.text_input(key="sentiment.encoder").set_value("owner/model").run()
    assert any("your texts are not sent" in text for text in shown(at))


def test_a_run_of_many_classes_is_shown_as_one_of_two(open_run):
    classes = tuple(f"class {n}" for n in range(14))
    shown(open_run(events=lab_events(classes=classes)))


def test_every_view_of_every_card_can_be_chosen_here_too(open_run):
    at = open_run()
    for probe in ("order", "negation", "padding", "lab", "longer"):
        at.segmented_control(key=PROBE).set_value(probe).run()
        views = [w.key for w in at.segmented_control if str(w.key).startswith("card_view_")]
        for view in ("Table", "How it is computed", "Download"):
            for key in views:
                at.segmented_control(key=key).set_value(view)
            at.run()
            shown(at)
