from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from onnx import TensorProto
from small_onnx import mean_of_words, reshaped

from core.errors import TextError
from core.serving.onnx_inputs import known_ids, plan_inputs

GOOD = onnx.load_model_from_string(mean_of_words(known=30))


def given(name="ids", type_="int64", shape=("batch", "words")):
    return SimpleNamespace(name=name, type=f"tensor({type_})", shape=list(shape))


def plan(*inputs):
    return plan_inputs(GOOD, inputs)


def test_ids_are_those_that_the_embedding_knows():
    found = plan(given())
    ids_BT = found.feed(50, 40)["ids"]
    assert (ids_BT.shape, ids_BT.dtype) == ((50, 40), np.int64)
    assert (ids_BT.min(), ids_BT.max()) == (1, 29)
    assert found.notes == ()


def test_the_same_numbers_draw_the_same_inputs():
    same = [plan(given()).feed(3, 9, seed=seed)["ids"].tolist() for seed in (0, 0, 1)]
    assert same[0] == same[1] != same[2]


def test_an_embedding_is_found_behind_a_cast():
    def cast(model):
        node = onnx.helper.make_node("Cast", ["ids"], ["wide"], to=TensorProto.INT64)
        model.graph.node.insert(0, node)
        model.graph.node[1].input[1] = "wide"

    assert known_ids(onnx.load_model_from_string(reshaped(mean_of_words(), cast)), "ids") == 30


def test_without_an_embedding_small_ids_are_drawn_and_that_is_told():
    found = plan(given("elsewhere"))
    assert found.feed(9, 99)["elsewhere"].max() == 9
    assert "ids below 10 are drawn" in found.notes[0]


@pytest.mark.parametrize(
    ("shape", "batch", "words"),
    [
        (("batch", "words"), None, None),
        (("N", "T"), None, None),
        ((None, None), None, None),
        (("unk__0", "unk__1"), None, None),
        ((1, "seq_len"), 1, None),
        (("batch_size", 128), None, 128),
        ((16, 128), 16, 128),
    ],
)
def test_axes_are_known_by_their_names_or_their_places(shape, batch, words):
    found = plan(given(shape=shape))
    assert (found.batch, found.words) == (batch, words)
    assert found.feed(batch or 3, words or 7)["ids"].shape == (batch or 3, words or 7)


def test_time_may_come_first():
    assert plan(given(shape=("time", "batch"))).feed(3, 7)["ids"].shape == (7, 3)


def test_what_an_encoder_wants_beside_ids_is_filled_as_for_whole_texts():
    inputs = (
        given(),
        given("attention_mask"),
        given("token_type_ids"),
        given("position_ids"),
        given("lengths", shape=("batch",)),
        given("keep", "bool"),
    )
    feed = plan(*inputs).feed(2, 5)
    assert (feed["attention_mask"] == 1).all()
    assert (feed["token_type_ids"] == 0).all()
    assert feed["position_ids"].tolist() == [[0, 1, 2, 3, 4]] * 2
    assert feed["lengths"].tolist() == [5, 5]
    assert feed["keep"].all()


def test_numbers_of_a_sequence_are_drawn_at_random():
    found = plan(given("x", "float", ("batch", "time", 12)))
    values = found.feed(3, 7)["x"]
    assert (values.shape, values.dtype) == ((3, 7, 12), np.float32)
    assert (found.batch, found.words) == (None, None)
    assert "drawn at random" in found.notes[0]


def test_a_picture_has_no_length():
    found = plan(given("image", "float", ("batch", 3, 8, 8)))
    assert (found.batch, found.words) == (None, 1)
    assert found.feed(2, 1)["image"].shape == (2, 3, 8, 8)


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ((), "no input"),
        ((given("text", "string"),), r"of the type tensor\(string\)"),
        ((given("x", "float", ("batch", "time", "features")),), "axis 3 of the input 'x'"),
        ((given("x", "float", ("batch", 3, "height", 8)),), "axis 3 of the input 'x'"),
    ],
)
def test_inputs_that_cannot_be_filled_are_refused(inputs, says):
    with pytest.raises(TextError, match=says):
        plan(*inputs)
