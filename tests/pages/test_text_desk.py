"""One text under the lens: what is asked, what each kind of model shows, and what stays plain."""

import pytest
from sentiment_records import HOSTILE, MODELS, checkpoints, lab_events, stored_run

from core.errors import TextError
from core.labs.sentiment_config import SentimentConfig
from pages.components import cache
from pages.components import engine as engine_module

PAGE = "pages/labs/sentiment.py"
CLASSES = ["**bad**", HOSTILE]
METHODS = ("integrated gradients", "gradient x input", "occlusion")


class Desk:
    """Answers as the sentiment desk does; a text without a word is refused."""

    def __init__(self):
        self.asked = []

    def ask(self, target, question, timeout):
        self.asked.append((target, question))
        text = question.get("text", f"{HOSTILE} not bad")
        words, model = text.split(), question["model"]
        if not any(letter.isalpha() for letter in text):
            raise TextError("The text has no words. Type some, or choose a test text.")
        count = len(words)
        shares = [0.1] * count
        return {
            "text": text,
            "words": words,
            "unknown": [0],
            "reference": CLASSES[0] if "sample" in question else None,
            "classes": CLASSES,
            "notes": ["1 of the words is too rare."],
            "probabilities": [{"model": name, "probabilities": [0.3, 0.7]} for name in MODELS],
            "attribution": None if model == "majority" else _attribution(words, shares, model),
            "ngrams": _ngrams(words) if model == "cnn" else None,
            "path": _path(words, shares) if model == "lstm" else None,
            "attention": _attention(words) if model == "transformer" else None,
        }

    def close(self):
        """There is no process to end."""


def _attribution(words, shares, model):
    is_linear = model == "nb-svm"
    return {
        "class": CLASSES[1],
        "words": words,
        "methods": dict.fromkeys(("log-odds",) if is_linear else METHODS, shares),
        "unit": "log-odds" if is_linear else "probability",
        "probability": 0.7,
        "baseline_probability": None if is_linear else 0.5,
        "completeness_error": None if is_linear else 0.0021,
    }


def _ngrams(words):
    if len(words) < 2:
        return []
    return [{"words": " ".join(words), "start": 0, "kernel": 3, "filters": 2, "weight": 0.4}]


def _path(words, shares):
    numbers = dict.fromkeys(("probability", "norm", "change", "x", "y"), shares)
    return {"words": words, **numbers, "explained": 0.9}


def _attention(words):
    weights = [[1 / len(words)] * len(words)] * len(words)
    return {"maps": ["head 1", "head 2"], "words": words, "weights": [weights, weights]}


@pytest.fixture
def page(visit, engine, monkeypatch):
    """The page on a run with weights, and the desk that it asks."""
    desk = Desk()
    found = engine_module.Engine(engine.store, engine.pool, desk, engine.long_desk)
    monkeypatch.setattr(engine_module, "_engine", found)
    cache.engine.clear()
    cache.text_reading.clear()
    events = [*lab_events(), *checkpoints()]
    run_id = stored_run(engine.store, SentimentConfig(models=MODELS), events=events)
    yield visit(PAGE, run=run_id), desk
    monkeypatch.undo()
    cache.engine.clear()


def texts(at):
    assert not at.exception
    return [text.value for text in at.text]


def titles(at):
    return [text.value for text in at.markdown if text.value.startswith("**")]


def look_into(at, model):
    return at.selectbox(key="text:model").set_value(model).run()


def type_text(at, text):
    at.segmented_control(key="text:how").set_value("Type one").run()
    return at.text_area(key="text:typed").set_value(text).run()


def test_a_test_text_is_read_by_the_model_with_most_to_show(page):
    at, desk = page
    target, question = desk.asked[-1]
    assert target == "core.labs.sentiment_desk:read_text"
    assert (question["model"], question["sample"]) == ("lstm", 0)
    assert set(question["checkpoints"]) == {m.model for m in checkpoints()}
    assert all(path.endswith(".pt") for path in question["checkpoints"].values())
    assert f"{HOSTILE} not bad" in texts(at)
    assert f"Its label: {CLASSES[0]}" in texts(at)
    assert f"LSTM answers: {CLASSES[1]}, 70.0%" in texts(at)


def test_only_test_texts_that_there_are_can_be_asked_for(page):
    at, desk = page
    number = at.number_input(key="text:sample")
    assert (number.min, number.max) == (1, 2 * 427)
    number.set_value(854).run()
    assert not at.exception
    assert desk.asked[-1][1]["sample"] == 853


@pytest.mark.parametrize(
    ("model", "title"),
    [
        ("lstm", "**LSTM, word by word**"),
        ("cnn", "**The runs of words that win in CNN**"),
        ("transformer", "**Where the words look in Transformer**"),
        ("nb-svm", "**Which words NB-SVM stands on**"),
        ("majority", "**Which words the answer stands on**"),
    ],
)
def test_each_kind_of_model_shows_what_it_has(page, model, title):
    at, desk = page
    look_into(at, model)
    assert desk.asked[-1][1]["model"] == model
    assert title in titles(at)
    assert not at.exception
    assert not at.error


def test_the_way_to_find_shares_can_be_chosen_and_only_one_sums_to_something(page):
    at, _ = page
    complete = [t.value for t in at.caption if "the shares sum to the difference" in t.value]
    assert len(complete) == 1
    assert "but for 0.002." in complete[0]
    at.segmented_control(key="text:method:3").set_value("occlusion").run()
    assert not at.exception
    assert not [t for t in at.caption if "the shares sum to the difference" in t.value]
    look_into(at, "nb-svm")
    assert not [w for w in at.segmented_control if str(w.key).startswith("text:method")]
    assert any(t.value.startswith("Shares of the log-odds") for t in at.caption)


def test_a_text_is_typed_and_nothing_is_asked_before(page):
    at, desk = page
    before = len(desk.asked)
    at.segmented_control(key="text:how").set_value("Type one").run()
    assert len(desk.asked) == before
    type_text(at, "a film that nobody needs")
    assert desk.asked[-1][1]["text"] == "a film that nobody needs"
    assert "a film that nobody needs" in texts(at)
    assert not [text for text in texts(at) if text.startswith("Its label")]
    type_text(at, "...")
    assert [error.value[:21] for error in at.error] == ["The text has no words"]


def test_a_text_of_one_word_has_no_window_that_wins(page):
    at, _ = page
    look_into(at, "cnn")
    type_text(at, "fine")
    assert any("No filter answers to any window" in text.value for text in at.caption)
    assert not at.exception


def test_nothing_of_a_text_or_its_class_is_put_into_the_page_as_markup(page):
    at, _ = page
    for model in ("lstm", "cnn", "transformer"):
        look_into(at, model)
        for bad in CLASSES:
            assert not [text for text in [*at.markdown, *at.caption] if bad in text.value]
            assert not [html for html in at.get("html") if bad in str(html.proto)]


def test_a_run_of_models_that_need_no_weights_can_be_asked_too(page, visit, engine):
    _, desk = page
    models = ("majority", "nb-svm")
    config = SentimentConfig(models=models)
    at = visit(PAGE, run=stored_run(engine.store, config, events=lab_events(models)))
    assert not at.exception
    assert desk.asked[-1][1]["model"] == "nb-svm"
    assert desk.asked[-1][1]["checkpoints"] == {}


def test_a_run_without_weights_says_so(visit, engine):
    run_id = stored_run(engine.store, SentimentConfig(models=MODELS))
    at = visit(PAGE, run=run_id)
    assert not at.exception
    assert any("kept no weights to read with" in text.value for text in at.caption)
    run_id = stored_run(engine.store, SentimentConfig(models=MODELS), events=[], state="running")
    at = visit(PAGE, run=run_id)
    assert not at.exception
