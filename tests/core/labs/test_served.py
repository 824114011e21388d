import base64
import json

import numpy as np
import pytest
import torch
from lab_runs import TINY_REVIEWS
from tiny_onnx import mean_of_ids

from core.errors import RunError, RunNotFound, TextError
from core.labs.config_json import config_to_json
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import build_sentiment_material
from core.labs.sentiment_race import build_lab_classifier
from core.labs.sentiment_texts import encode_fold
from core.labs.served import open_served
from core.labs.serving_config import BATCHES, LENGTHS, ServingConfig
from core.serving.service_times import measure_service

CPU = torch.device("cpu")
REVIEWS = SentimentConfig(**{**TINY_REVIEWS, "folds": 1})


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """The weights of an LSTM as a sentiment run keeps them."""
    _, texts = encode_fold(REVIEWS, build_sentiment_material(REVIEWS), 0)
    path = tmp_path_factory.mktemp("run") / "lstm.pt"
    torch.save(build_lab_classifier("lstm", REVIEWS, texts).state_dict(), path)
    return path


def of_run(model, checkpoint=""):
    config = ServingConfig(source="run", run="abc", model=model, words=10)
    given = {"config": config_to_json(REVIEWS), "own_text": None, "checkpoint": str(checkpoint)}
    return open_served(config, json.dumps(given), CPU)


def of_file(file, **settings):
    text = base64.b64encode(file).decode()
    return open_served(ServingConfig(source="onnx", **settings), text, CPU)


@pytest.mark.parametrize(("size", "hidden"), [("S", 128), ("M", 256)])
def test_a_fresh_lstm_has_the_size_that_was_chosen_and_answers_at_once(size, hidden):
    served = open_served(ServingConfig(size=size, rows=300), None, CPU)
    assert served.predictor.model.head.in_features == hidden
    assert served.answer(served.request(3, 12)).shape == (3, 2)
    assert not served.is_trained
    assert (served.batches, served.lengths) == (BATCHES, LENGTHS)


def test_equal_requests_are_drawn_again_and_no_word_is_padding():
    served = open_served(ServingConfig(rows=300), None, CPU)
    one, again = served.request(8, 20), served.request(8, 20)
    assert one.shape == (8, 20)
    assert torch.equal(one, again)
    assert one.min() > 3
    assert torch.equal(served.part(one, 2), one[:2])


def test_a_model_of_a_run_answers_as_the_run_left_it(weights):
    served = of_run("lstm", weights)
    stored = torch.load(weights, weights_only=True)
    assert torch.equal(served.predictor.model.state_dict()["head.bias"], stored["head.bias"])
    assert served.is_trained
    assert served.answer(served.request(2, 10)).shape == (2, 2)


def test_a_model_without_a_network_is_served_from_its_texts():
    served = of_run("nb-svm")
    assert served.predictor is None
    assert np.asarray(served.answer(served.request(2, 10))).shape == (2, 2)
    assert served.notes
    assert measure_service(served.answer, served.request(2, 10), calls=2).words == 10


def test_a_run_whose_weights_are_gone_or_that_is_no_run_says_so(tmp_path):
    with pytest.raises(RunNotFound, match="weights are not stored, or are gone"):
        of_run("lstm", tmp_path / "gone.pt")
    config = ServingConfig(source="run", run="abc", model="lstm")
    for text in (None, "", "[]", "{}", "no JSON"):
        with pytest.raises(RunError, match="Choose another run, or serve a fresh model"):
            open_served(config, text, CPU)


def test_a_visitors_file_is_asked_as_its_shapes_want_it():
    served = of_file(mean_of_ids(), words=7)
    assert (served.words, served.batches, served.lengths) == (7, BATCHES, LENGTHS)
    asked = served.request(4, 7)
    whole, part = served.answer(asked), served.answer(served.part(asked, 3))
    assert np.array_equal(whole[:3], part)


def test_a_file_of_fixed_shape_is_asked_for_one_request_of_one_length():
    served = of_file(mean_of_ids(shape=(1, 16)))
    assert (served.words, served.batches, served.lengths) == (16, (1,), (16,))
    assert any("cannot be batched" in note for note in served.notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "No ONNX file was given"), ("", "No ONNX file"), ("%%%", "came altered")],
)
def test_what_is_no_file_is_refused(text, message):
    with pytest.raises(TextError, match=message):
        open_served(ServingConfig(source="onnx"), text, CPU)


def test_a_pickle_is_refused_unopened(tmp_path):
    path = tmp_path / "model.onnx"
    torch.save({"weights": torch.ones(2)}, path)
    with pytest.raises(TextError, match="was not opened"):
        of_file(path.read_bytes())
