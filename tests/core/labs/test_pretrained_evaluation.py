import dataclasses
import json

import pytest
from tiny_pretrained import SAVE, transformers_or_skip

from core.errors import ConfigError, DataMissingError, TextError
from core.labs import pretrained_evaluation
from core.labs.pretrained_evaluation import evaluate_pretrained, pretrained_attention
from core.metrics.bleu import score_buckets
from core.metrics.buckets import Buckets

transformers_or_skip()
PAIRS = [
    ["the cat sat on the mat", "le chat est sur le tapis"],
    ["a dog", None],
    ["a dog saw the cat in the garden", "un chien a vu le chat dans le jardin"],
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {
        kind: str(save(tmp_path_factory.mktemp(kind) / kind, seed=3)) for kind, save in SAVE.items()
    }


@pytest.fixture(params=SAVE)
def folder(request, folders):
    return folders[request.param]


def without_seconds(answer):
    return {name: value for name, value in answer.items() if name != "seconds"}


def check_maps(answer):
    """Check the shapes of the maps, their sums, and that the first is their mean; return T x S."""
    attention = answer["attention"]
    maps, rows, columns = (len(answer["maps"]), len(attention["target"]), len(attention["source"]))
    weights = attention["weights"]
    assert len(weights) == maps
    assert all(len(one) == rows for one in weights)
    assert all(len(row) == columns for one in weights for row in one)
    assert all(sum(row) == pytest.approx(1, abs=1e-5) for one in weights for row in one)
    for t in range(rows):
        for s in range(columns):
            mean = sum(one[t][s] for one in weights[1:]) / (maps - 1)
            assert weights[0][t][s] == pytest.approx(mean, abs=1e-5)
    return rows, columns


def test_translations_maps_and_bleu_come_in_one_answer(folder):
    answer = evaluate_pretrained(name=folder, sentences=PAIRS, sentence=2)
    said = answer["translations"]
    assert [[one["source"], one["reference"]] for one in said] == PAIRS
    assert any(one["translation"] for one in said)
    assert answer["maps"][0] == "mean of all"
    assert answer["maps"][1:] == [f"layer {i}, head {h}" for i in (1, 2) for h in (1, 2)]
    assert answer["attention"]["sentence"] == 2
    assert answer["attention"]["source"][-1] == "</s>"
    rows, _ = check_maps(answer)
    assert rows == len(said[2]["ids"]) + said[2]["finished"]
    assert answer["parameters"] > 1000
    assert answer["seconds"] > 0
    json.dumps(answer, allow_nan=False)


def test_bleu_is_that_of_the_metrics_over_the_sentences_with_a_reference(folder):
    answer = evaluate_pretrained(name=folder, sentences=PAIRS)
    scored = [one for one in answer["translations"] if one["reference"]]
    expected = score_buckets(
        [one["translation"] for one in scored],
        [one["reference"] for one in scored],
        Buckets(),
        tokenize="13a",
    )
    assert answer["bleu"][:-1] == [dataclasses.asdict(row) for row in expected.buckets]
    assert answer["bleu"][-1] == dataclasses.asdict(expected.overall)
    assert answer["bleu"][-1]["n"] == 2
    assert "tok:13a" in answer["signature"]


def test_without_references_there_is_no_bleu(folder):
    answer = evaluate_pretrained(name=folder, sentences=[["a dog", None]])
    assert (answer["bleu"], answer["signature"]) == ([], "")


@pytest.mark.parametrize("beam", [1, 3])
def test_the_same_question_has_the_same_answer(folder, beam):
    first = evaluate_pretrained(name=folder, sentences=PAIRS, beam=beam)
    second = evaluate_pretrained(name=folder, sentences=PAIRS, beam=beam)
    assert without_seconds(first) == without_seconds(second)


def test_a_sentence_is_translated_as_if_it_were_alone(folder, monkeypatch):
    together = evaluate_pretrained(name=folder, sentences=PAIRS)["translations"]
    alone = [
        evaluate_pretrained(name=folder, sentences=[pair])["translations"][0] for pair in PAIRS
    ]
    assert together == alone
    monkeypatch.setattr(pretrained_evaluation, "BATCH", 1)
    assert evaluate_pretrained(name=folder, sentences=PAIRS)["translations"] == alone


def test_the_attention_of_a_sentence_can_be_asked_for_later(folder):
    answer = evaluate_pretrained(name=folder, sentences=PAIRS, sentence=1)
    said = answer["translations"][1]
    later = pretrained_attention(
        name=folder, source=said["source"], ids=said["ids"], finished=said["finished"]
    )
    answer["attention"].pop("sentence")
    assert later == {"maps": answer["maps"], "attention": answer["attention"]}


def test_the_prefix_is_read_with_every_source(folder):
    plain = evaluate_pretrained(name=folder, sentences=PAIRS)
    told = evaluate_pretrained(name=folder, sentences=PAIRS, prefix="a garden ")
    assert len(told["attention"]["source"]) > len(plain["attention"]["source"])
    assert told["translations"][0]["source"] == PAIRS[0][0]


def test_too_many_numbers_are_sent_as_a_mean_for_each_layer(folder, monkeypatch):
    heads = evaluate_pretrained(name=folder, sentences=PAIRS)
    monkeypatch.setattr(pretrained_evaluation, "MOST_NUMBERS", 10)
    layers = evaluate_pretrained(name=folder, sentences=PAIRS)
    assert layers["maps"] == ["mean of all", "layer 1, mean", "layer 2, mean"]
    check_maps(layers)
    first, second = heads["attention"]["weights"][1:3]
    mean = [(a + b) / 2 for a, b in zip(first[0], second[0], strict=True)]
    assert layers["attention"]["weights"][1][0] == pytest.approx(mean, abs=1e-5)


@pytest.mark.parametrize("sentences", [[], [["a", None]] * 4])
def test_no_and_too_many_sentences_are_refused_by_their_number(folder, sentences):
    with pytest.raises(TextError, match=f"There are {len(sentences)} sentences; give 1 to 3"):
        evaluate_pretrained(name=folder, sentences=sentences, most=3)


def test_a_sentence_with_too_many_pieces_is_refused_by_its_number_not_its_words(folders):
    long = "garden " * 60
    with pytest.raises(TextError, match=r"Sentence 2 has \d+ pieces .*; the limit is 96") as error:
        evaluate_pretrained(name=folders["marian"], sentences=[["a", None], [long, None]])
    assert "garden" not in str(error.value)
    with pytest.raises(TextError, match="the limit is 256"):
        evaluate_pretrained(name=folders["t5"], sentences=[[long * 3, None]])


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"beam": 17}, "beam is 17"),
        ({"most": 201}, "most is 201"),
        ({"sentence": 3}, "sentence is 3; it must be from 0 to 2"),
    ],
)
def test_a_setting_out_of_range_is_refused(folder, setting, says):
    with pytest.raises(ConfigError, match=says):
        evaluate_pretrained(name=folder, sentences=PAIRS, **setting)


def test_ids_of_another_model_have_no_attention(folder):
    with pytest.raises(ConfigError, match="not one of this model"):
        pretrained_attention(name=folder, source="a dog", ids=[10_000])


def test_nothing_is_fetched_unasked():
    with pytest.raises(DataMissingError, match="nothing is fetched unasked"):
        evaluate_pretrained(name="owner/never-fetched", sentences=PAIRS)
