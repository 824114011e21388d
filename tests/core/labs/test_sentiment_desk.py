import json
import time

import numpy as np
import pytest
import torch

from core.data.labelled import words_of
from core.errors import ConfigError, RunError, RunNotFound, TextError
from core.labs.config_json import config_to_json
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_desk import LONGEST_TEXT, MOST_OCCLUDED, read_text
from core.labs.sentiment_material import build_sentiment_material
from core.labs.sentiment_race import build_lab_classifier
from core.labs.sentiment_texts import encode_fold
from core.text.labelled import read_labelled_paste

MODELS = (
    "majority",
    "bag-of-words",
    "nb-svm",
    "lstm",
    "bilstm",
    "cnn",
    "transformer",
    "lstm-naive",
)
CONFIG = SentimentConfig(
    models=MODELS, folds=2, rows=400, width=16, hidden=16, most_words=30, pad_to=30
)
TYPED = "The film is not bad at all, but the xyzzy story is a mess."
WORDS = list(words_of(TYPED))
FEELINGS = (("这部电影很好看", "good"), ("这个故事太糟糕", "bad"))


def stored(folder, config=CONFIG):
    """Return paths of random weights, stored as a run stores them."""
    _, texts = encode_fold(config, build_sentiment_material(config), 0)
    paths = {}
    for name in config.neural:
        paths[name] = str(folder / f"{name}.pt")
        torch.save(build_lab_classifier(name, config, texts).state_dict(), paths[name])
    return paths


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    return stored(tmp_path_factory.mktemp("run"))


@pytest.fixture
def ask(checkpoints):
    """Return a function that asks about the model `name`."""

    def asked(model="lstm", **question):
        if "sample" not in question:
            question = {"text": TYPED, **question}
        return read_text(
            **{
                "config": config_to_json(CONFIG),
                "checkpoints": checkpoints,
                "model": model,
                **question,
            }
        )

    return asked


@pytest.mark.parametrize("name", MODELS)
def test_all_models_are_asked_side_by_side_and_the_answer_is_strict_json(ask, name):
    answer = ask(name)
    json.dumps(answer, allow_nan=False)
    assert [each["model"] for each in answer["probabilities"]] == list(MODELS)
    for each in answer["probabilities"]:
        assert sum(each["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert (answer["text"], answer["words"]) == (TYPED, WORDS)
    assert answer["classes"] == ["negative", "positive"]
    assert answer["reference"] is None
    assert answer["unknown"].count(WORDS.index("xyzzy")) == 1


@pytest.mark.parametrize("name", [name for name in MODELS if name not in ("majority", "nb-svm")])
def test_a_neural_model_s_answer_is_shared_out_over_its_words(ask, name):
    answer = ask(name)
    found = answer["attribution"]
    assert found["words"] == WORDS
    assert found["unit"] == "probability"
    assert set(found["methods"]) == {"integrated gradients", "gradient x input", "occlusion"}
    said = next(e for e in answer["probabilities"] if e["model"] == name)["probabilities"]
    assert found["class"] == answer["classes"][int(np.argmax(said))]
    assert found["probability"] == pytest.approx(max(said), abs=1e-5)
    total = sum(found["methods"]["integrated gradients"])
    rise = found["probability"] - found["baseline_probability"]
    assert total == pytest.approx(rise, abs=0.01)
    assert found["completeness_error"] <= 0.01


def test_a_linear_model_s_contributions_are_its_own_weights(ask):
    found = ask("nb-svm")["attribution"]
    assert found["unit"] == "log-odds"
    assert list(found["methods"]) == ["contribution"]
    assert found["completeness_error"] == 0
    assert found["words"] == WORDS


def test_the_majority_class_has_nothing_to_show_and_says_so(ask):
    answer = ask("majority")
    assert {answer[k] for k in ("attribution", "ngrams", "path", "attention")} == {None}
    assert any("reads no word" in note for note in answer["notes"])


@pytest.mark.parametrize("name", MODELS)
def test_each_kind_of_model_shows_what_it_has(ask, name):
    answer = ask(name)
    assert (answer["ngrams"] is not None) == (name == "cnn")
    assert (answer["path"] is not None) == (name in ("lstm", "bilstm", "lstm-naive"))
    assert (answer["attention"] is not None) == (name == "transformer")


def test_ngrams_are_rows_the_weightiest_first(ask):
    rows = ask("cnn")["ngrams"]
    assert set(rows[0]) == {"words", "start", "kernel", "filters", "weight"}
    sizes = [abs(row["weight"]) for row in rows]
    assert sizes == sorted(sizes, reverse=True)


def test_the_path_ends_at_the_answer(ask):
    answer = ask("bilstm")
    path = answer["path"]
    assert path["words"] == WORDS
    assert path["probability"][-1] == pytest.approx(answer["attribution"]["probability"], abs=1e-5)
    lengths = {len(path[k]) for k in ("probability", "norm", "change", "x", "y")}
    assert lengths == {len(WORDS)}
    assert ask("lstm-naive")["path"]["words"] == [*WORDS, *["<pad>"] * (30 - len(WORDS))]


def test_attention_is_over_the_words_and_sums_to_one(ask):
    attention = ask("transformer")["attention"]
    weights = np.array(attention["weights"])
    assert weights.shape == (len(attention["maps"]), len(WORDS), len(WORDS))
    assert attention["words"] == WORDS
    np.testing.assert_allclose(weights.sum(-1), 1, atol=0.01)  # of numbers cut to four digits


def test_a_test_text_comes_with_its_class(ask):
    example = build_sentiment_material(CONFIG).folds[0].test[3]
    answer = ask(sample=3)
    assert answer["text"] == example.text
    assert answer["reference"] == answer["classes"][example.label]


def test_the_answer_is_the_same_again_and_quick(ask):
    first = ask("lstm")
    started = time.perf_counter()
    assert ask("lstm") == first
    assert time.perf_counter() - started < 1  # 0.03 s on an idle core


def test_what_is_cut_off_is_said(ask):
    answer = ask("lstm", text="good " * 45)
    assert len(answer["words"]) == len(answer["attribution"]["words"]) == 30
    assert any("has 45 words" in note and "first 30" in note for note in answer["notes"])


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_a_text_without_words_is_refused(ask, text):
    with pytest.raises(TextError, match="has no words"):
        ask(text=text)


def test_a_text_that_is_too_long_is_refused_without_being_quoted(ask):
    with pytest.raises(TextError, match="the limit is 50,000") as raised:
        ask(text="secret" * LONGEST_TEXT)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("sample", [-1, 40])
def test_a_test_text_that_is_not_there_is_refused(ask, sample):
    with pytest.raises(ConfigError, match=f"no test text {sample}; there are 40"):
        ask(sample=sample)


def test_a_model_that_is_not_in_the_run_is_refused(ask):
    with pytest.raises(ConfigError, match="no model 'gru'; choose from majority"):
        ask("gru")


def test_without_its_weights_a_model_is_not_looked_at_and_the_others_are_asked(ask, checkpoints):
    rest = {name: path for name, path in checkpoints.items() if name != "lstm"}
    with pytest.raises(RunNotFound, match="not stored"):
        ask("lstm", checkpoints=rest)
    answer = ask("cnn", checkpoints={**rest, "lstm": "/nowhere/lstm.pt"})
    assert "lstm" not in [each["model"] for each in answer["probabilities"]]
    assert any(note.startswith("LSTM is not asked") for note in answer["notes"])


def test_weights_of_other_settings_are_refused(ask, checkpoints):
    with pytest.raises(RunError, match="do not fit its settings"):
        ask("lstm", checkpoints={**checkpoints, "lstm": checkpoints["cnn"]})


def test_a_model_that_diverged_is_said_to_have(ask, checkpoints, tmp_path):
    state = torch.load(checkpoints["lstm"], weights_only=True)
    state["head.bias"] += float("nan")
    torch.save(state, tmp_path / "lstm.pt")
    paths = {**checkpoints, "lstm": str(tmp_path / "lstm.pt")}
    with pytest.raises(RunError, match="diverged"):
        ask("lstm", checkpoints=paths)
    assert any("diverged" in note for note in ask("cnn", checkpoints=paths)["notes"])


def test_weights_stored_anew_are_read_anew(ask, checkpoints, tmp_path):
    path = tmp_path / "lstm.pt"
    state = torch.load(checkpoints["lstm"], weights_only=True)
    torch.save(state, path)
    paths = {**checkpoints, "lstm": str(path)}
    before = ask("lstm", checkpoints=paths)["attribution"]["probability"]
    state["head.bias"] += torch.tensor([3.0, -3.0])
    time.sleep(0.01)
    torch.save(state, path)
    assert ask("lstm", checkpoints=paths)["attribution"]["probability"] != before


@pytest.mark.slow
def test_a_pretrained_encoder_shows_what_is_lost_without_each_word(tmp_path):
    from core.models.open_encoder import open_encoder
    from core.models.pretrained_classifier import PretrainedClassifier

    config = SentimentConfig(models=("pretrained-top", "pretrained-full"), folds=1, rows=200)
    classifier = PretrainedClassifier(open_encoder(), classes=2, tuning="top")
    with torch.no_grad():
        classifier.head.weight.normal_(generator=torch.Generator().manual_seed(0))
    path = tmp_path / "pretrained-top.pt"
    torch.save(classifier.tuned_state(), path)

    def ask(text):
        return read_text(
            config=config_to_json(config),
            checkpoints={"pretrained-top": str(path)},
            model="pretrained-top",
            text=text,
        )

    answer = ask(TYPED)
    json.dumps(answer, allow_nan=False)
    expected = classifier.predict([TYPED])[0]
    assert answer["probabilities"][0]["probabilities"] == pytest.approx(expected, abs=1e-5)
    assert [each["model"] for each in answer["probabilities"]] == ["pretrained-top"]
    lost = answer["attribution"]["methods"]["occlusion"]
    assert len(lost) == len(WORDS)
    assert max(map(abs, lost)) > 0.001
    assert answer["attribution"]["completeness_error"] is None
    weights = np.array(answer["attention"]["weights"])
    pieces = len(answer["attention"]["words"])
    assert weights.shape == (len(answer["attention"]["maps"]), pieces, pieces)
    long = ask("good film " * MOST_OCCLUDED)
    assert long["attribution"] is None
    assert any("too long" in note for note in long["notes"])


def test_a_typed_text_without_spaces_is_read_as_such_texts_are_learned():
    endings = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰"
    rows = [f"{feeling}{end}\t{label}" for end in endings for feeling, label in FEELINGS]
    own_text = read_labelled_paste("\n".join(["text\tlabel", *rows])).packed()
    config = SentimentConfig(source="own", models=("nb-svm",), folds=1, least_count=1)
    answer = read_text(
        config=config_to_json(config),
        checkpoints={},
        model="nb-svm",
        text="电影很好看",
        own_text=own_text,
    )
    assert answer["words"] == list("电影很好看")
    assert answer["unknown"] == []
    assert answer["attribution"]["class"] == "good"
