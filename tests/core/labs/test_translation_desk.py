import json

import numpy as np
import pytest
import torch

from core.decoding.greedy import greedy, length_limit
from core.decoding.pieces import greedy_in_pieces
from core.errors import ConfigError, RunError, RunNotFound, TextError
from core.labs.config_json import config_to_json
from core.labs.pair_material import build_pair_material
from core.labs.translation_config import TranslationConfig
from core.labs.translation_desk import translate
from core.labs.translation_race import build_lab_translator
from core.text.words import EOS

MODELS = (
    "plain",
    "hierarchical",
    "attention",
    "attention-additive",
    "transformer-sinusoidal",
    "plain-pieces",
)
CONFIG = TranslationConfig(
    models=MODELS, hidden=16, longest=20, buckets=(10, 25), pairs=60, test_pairs=2, final_pairs=4
)
MATERIAL = build_pair_material(CONFIG)
TYPED = "the small cat often sees a red house"


def lab_model(name, sharpness=6.0):
    model = build_lab_translator(name, CONFIG, MATERIAL).eval()
    with torch.no_grad():
        model.head.weight.mul_(sharpness)
    return model


@pytest.fixture
def ask(tmp_path):
    """Return a function that asks about the model `name`, stored as a run stores it."""

    def asked(name="attention", **question):
        path = tmp_path / f"{name}.pt"
        torch.save(lab_model("plain" if name == "plain-pieces" else name).state_dict(), path)
        if "sample" not in question:
            question = {"source": TYPED, **question}
        config = config_to_json(CONFIG)
        return translate(**{"config": config, "checkpoint": str(path), "model": name, **question})

    return asked


@pytest.mark.parametrize("name", MODELS)
def test_a_typed_sentence_is_translated_as_greedy_does_and_the_answer_is_strict_json(ask, name):
    answer = ask(name)
    json.dumps(answer, allow_nan=False)
    assert answer["source"] == [*TYPED.split(), "</s>"]
    assert answer["unknown"] == []
    assert answer["reference"] is None
    assert len(answer["log_probabilities"]) == len(answer["target"])
    if name == "plain-pieces":
        return
    ids = MATERIAL.source_vocabulary.encode(TYPED.split())
    found = greedy(lab_model(name), torch.tensor([[*ids, EOS]]), most=length_limit(9))
    words = MATERIAL.target_vocabulary.decode(found.words[0])
    assert answer["target"] == [*words, *["</s>"] * found.finished[0]]
    assert answer["log_probabilities"] == pytest.approx(found.log_probabilities[0], abs=1e-3)


@pytest.mark.parametrize(
    ("name", "maps"),
    [
        ("attention", ["attention"]),
        ("attention-additive", ["attention"]),
        ("transformer-sinusoidal", None),
    ],
)
def test_attention_and_erasure_are_target_by_source_and_attention_sums_to_one(ask, name, maps):
    answer = ask(name, sample={"bucket": 10, "index": 1})
    shape = (len(answer["target"]), len(answer["source"]))
    weights = np.array(answer["attention"])
    assert weights.shape == (len(answer["maps"]), *shape)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-2)  # of numbers cut to four digits
    assert np.array(answer["erasure"]).shape == shape
    assert 0 <= answer["agreement"] <= 1
    assert answer["quality"].keys() >= {"entropy", "never_attended", "recency", "diagonality"}
    assert answer["quality"]["padding_mass"] == 0
    if maps:
        assert answer["maps"] == maps
    else:
        assert answer["maps"][:2] == ["layer 1 head 1", "layer 1 head 2"]


@pytest.mark.parametrize("name", ["plain", "hierarchical"])
def test_a_model_without_attention_has_none_but_an_erasure(ask, name):
    answer = ask(name)
    assert answer["attention"] is None
    assert answer["maps"] == []
    assert answer["quality"] is None
    assert answer["agreement"] is None
    assert np.abs(answer["erasure"]).max() > 0


def test_a_test_sentence_comes_with_its_reference(ask):
    pair = MATERIAL.corpus.test[10][2]
    answer = ask(sample={"bucket": 10, "index": 2})
    assert answer["source"][:-1] == list(pair.source)
    assert answer["reference"] == list(pair.target)


def test_words_that_nobody_taught_are_marked(ask):
    answer = ask(source="The zebra sees, quietly")
    assert answer["source"] == ["the", "zebra", "sees", ",", "quietly", "</s>"]
    assert answer["unknown"] == [1, 3, 4]
    assert "3 source words are not in the vocabulary" in answer["sentence"]


def test_a_forced_position_changes_the_translation_and_undoing_restores_it(ask):
    before = ask()
    far = len(before["source"]) - 1
    edits = [{"target": t, "source": far, "kind": "force"} for t in range(3)]
    forced = ask(edits=edits)
    assert [row[far] for row in forced["attention"][0][:3]] == [1, 1, 1]
    assert forced["log_probabilities"] != before["log_probabilities"]
    assert forced["unedited"] == before["target"]
    assert "The edits change" in forced["sentence"]
    assert ask(edits=[]) == before


def test_a_blocked_position_gets_no_weight(ask):
    for name in ("attention", "transformer-sinusoidal"):
        edits = [{"target": 0, "source": 2, "kind": "block"}]
        weights = np.array(ask(name, edits=edits)["attention"])
        assert (weights[:, 0, 2] == 0).all()
        assert (weights[:, 1, 2] > 0).all()


def test_the_beam_shows_its_tree_in_words(ask):
    answer = ask(beam=3, length_penalty=0.5)
    nodes = {node["id"]: node for node in answer["beam_tree"]}
    assert answer["beam_tree"][0]["word"] == "<s>"
    assert {"id", "parent", "step", "word", "log_probability", "kept", "rank"} <= nodes[1].keys()
    spoken = []
    for node in nodes.values():
        words, each = [], node
        while each["parent"] >= 0:
            words.append(each["word"])
            each = nodes[each["parent"]]
        if node["kept"]:
            spoken.append(words[::-1])
    assert answer["target"] in spoken


def test_a_negative_length_penalty_cuts_the_translation(ask):
    assert len(ask("plain", beam=2, length_penalty=-3)["target"]) < len(ask("plain")["target"])


def test_pieces_are_joined_and_say_what_is_missing(ask):
    source = (*TYPED.split(), "and", *TYPED.split())
    answer = ask("plain-pieces", source=" ".join(source))
    found = greedy_in_pieces(
        lab_model("plain"), [source], MATERIAL.source_vocabulary, segment=4, conjunctions=["and"]
    )
    said = MATERIAL.target_vocabulary.decode(found.words[0])
    assert answer["target"] == [*said, *["</s>"] * found.finished[0]]
    assert answer["target"] != ask("plain", source=" ".join(source))["target"]
    assert answer["attention"] is answer["erasure"] is None
    assert "no attention" in answer["notes"][0]


def test_a_long_sentence_is_translated_without_erasure_and_says_so(ask):
    answer = ask("transformer-sinusoidal", source=" ".join(TYPED.split() * 25))
    assert len(answer["source"]) == 201
    assert answer["erasure"] is None
    assert "takes too long" in answer["notes"][0]


@pytest.mark.parametrize(("words", "said"), [(0, "0 words"), (201, "201 words")])
def test_a_sentence_too_short_or_too_long_is_refused(ask, words, said):
    with pytest.raises(TextError, match=f"The sentence has {said}; give 1 to 200"):
        ask(source=" ".join(["cat"] * words))


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"beam": 9}, "beam is 9; it must be from 1 to 8"),
        ({"length_penalty": 6}, "length_penalty is 6"),
        ({"sample": {"bucket": 10, "index": 4}}, "no test sentence 4 at length 10; there are 4"),
        ({"sample": {"bucket": 11, "index": 0}}, "at length 11; there are 0"),
        ({"edits": [{"target": 0, "source": 99, "kind": "force"}]}, "source position 99"),
    ],
)
def test_a_question_that_cannot_be_is_refused(ask, question, message):
    with pytest.raises(ConfigError, match=message):
        ask(**question)


def test_a_model_without_attention_takes_no_edits(ask):
    with pytest.raises(ConfigError, match="'Plain' has no attention to edit"):
        ask("plain", edits=[{"target": 0, "source": 0, "kind": "force"}])


def test_lost_weights_and_those_of_other_settings_are_said(ask, tmp_path):
    with pytest.raises(RunNotFound, match="weights of this run are gone"):
        ask(checkpoint=str(tmp_path / "none.pt"))
    torch.save(lab_model("plain").state_dict(), tmp_path / "other.pt")
    with pytest.raises(RunError, match="do not fit its settings"):
        ask(checkpoint=str(tmp_path / "other.pt"))
