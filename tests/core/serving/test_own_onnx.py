import numpy as np
import pytest
from onnx import TensorProto, helper
from served_texts import classifier
from small_onnx import mean_of_words, one_operator, reshaped, saved

from core.errors import TextError
from core.serving import onnx_probe, own_onnx
from core.serving.onnx_files import export_onnx
from core.serving.onnx_probe import Probe, probe, probe_apart
from core.serving.own_onnx import open_own_model
from core.serving.service_times import measure_service

NUMBERS = ("x", TensorProto.FLOAT, ["batch", 3])
ANSWER = ("y", TensorProto.FLOAT, ["batch", 3])


@pytest.fixture
def in_this_process(monkeypatch):
    """A process of its own takes half a second; two tests have one."""
    monkeypatch.setattr(own_onnx, "probe_apart", probe)


def for_ever():
    """Return a graph whose loop has 2**62 rounds."""
    v, keeps = ("v", TensorProto.FLOAT, ["batch", 3]), ("goes", TensorProto.BOOL, [])
    body = helper.make_graph(
        [helper.make_node("Identity", ["goes"], ["on"]), helper.make_node("Sin", ["v"], ["w"])],
        "body",
        [helper.make_tensor_value_info(*each) for each in (("i", TensorProto.INT64, []), keeps, v)],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("w", TensorProto.FLOAT, ["batch", 3]),
        ],
    )
    loop = helper.make_node("Loop", ["rounds", "yes", "x"], ["y"], body=body)
    tables = [("rounds", np.array(2**62)), ("yes", np.array(True))]
    return saved([loop], [NUMBERS], [ANSWER], tables)


def of_size(*shape):
    """Return a graph that sums ones of a shape and adds the sum to its input."""
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["many"]),
        helper.make_node("ReduceSum", ["many"], ["sum"], keepdims=0),
        helper.make_node("Add", ["x", "sum"], ["y"]),
    ]
    return saved(nodes, [NUMBERS], [ANSWER], [("shape", np.array(shape))])


def for_one_length():
    """Return a graph that says it takes any length and adds a table of 100 rows."""
    return saved(
        [helper.make_node("Sum", ["x", "table"], ["y"])],
        [("x", TensorProto.FLOAT, ["batch", "time", 3])],
        [("y", TensorProto.FLOAT, ["batch", "time", 3])],
        [("table", np.ones((1, 100, 3), dtype=np.float32))],
    )


@pytest.mark.usefixtures("in_this_process")
def test_a_model_of_ours_that_comes_back_as_a_file_is_served():
    own = open_own_model(export_onnx(classifier()))
    request = own.request(8, 25)
    assert (len(request), request.shape) == (8, (8, 25))
    assert own.answer(request).shape == (8, 2)
    assert (own.fixed_batch, own.fixed_words, own.notes) == (None, None, ())
    samples = measure_service(own.answer, request, calls=5)
    assert (samples.batch, samples.words, samples.calls) == (8, 25, 5)


@pytest.mark.usefixtures("in_this_process")
def test_it_becomes_smaller_and_answers_the_same_requests():
    own = open_own_model(mean_of_words(known=3000))
    smaller = own.smaller()
    assert own.megabytes / smaller.megabytes > 3
    request = own.request(16, 30)
    np.testing.assert_allclose(smaller.answer(request), own.answer(request), atol=0.05)


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize(
    ("shape", "batch", "words", "says"),
    [
        ((1, "words"), 1, None, "cannot be batched"),
        ((16, "words"), 16, None, "exactly 16 requests at once"),
        (("batch", 12), None, 12, "exactly 12 steps"),
    ],
)
def test_a_size_that_is_fixed_in_the_file_is_told_and_kept(shape, batch, words, says):
    own = open_own_model(mean_of_words(shape=shape))
    assert (own.fixed_batch, own.fixed_words) == (batch, words)
    assert says in " ".join(own.notes)
    assert own.lengths((25, 50)) == ((12,) if words else (25, 50))
    assert [own.takes_batch(each) for each in (1, 16, 17)] == [True, batch != 1, batch is None]
    request = own.request(1, 25)
    assert (len(own.answer(request)), request.shape) == (1, (1, words or 25))


@pytest.mark.usefixtures("in_this_process")
def test_a_file_that_promises_more_than_it_does_is_found_out():
    own = open_own_model(for_one_length())  # only texts of 100 steps fit its table
    assert (own.fixed_batch, own.fixed_words) == (None, 100)


@pytest.mark.usefixtures("in_this_process")
def test_a_request_that_fails_later_is_an_error_in_words():
    own = open_own_model(mean_of_words(known=30))
    request = own.request(2, 9)
    request.feed["ids"][0, 0] = 99
    with pytest.raises(TextError, match="fails on 2 requests of 9 steps at once"):
        own.answer(request)
    assert own.can_answer(2, 9)


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (one_operator("Log"), "NaN or infinity"),
        (of_size(100_000, 100_000), "needs more than 3 GiB"),
        (one_operator("Identity", type_=TensorProto.STRING), r"tensor\(string\)"),
        (one_operator("Nonsense", domain="com.microsoft"), "cannot open the model"),
        (one_operator("Identity", inputs=[]), "no input|not valid"),
    ],
)
def test_a_model_that_cannot_be_served_says_why(file, says):
    with pytest.raises(TextError, match=says):
        probe(file)


def test_a_model_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr(onnx_probe, "SLOW_SECONDS", 0.2)
    with pytest.raises(TextError, match=r"too slow: it was stopped after 0\.2 s"):
        probe(for_ever())


def test_a_process_of_its_own_finds_the_same(monkeypatch):
    file = mean_of_words(shape=(4, "words"))
    assert probe_apart(file) == probe(file) == Probe(batch=4, words=None, output="logits")
    with pytest.raises(TextError, match="NaN or infinity"):
        probe_apart(one_operator("Log"))


def test_a_process_that_takes_too_long_is_killed(monkeypatch):
    monkeypatch.setattr(onnx_probe, "MOST_PROBE_SECONDS", 2)
    with pytest.raises(TextError, match="too slow: it was stopped after 2 s"):
        probe_apart(for_ever())


def test_a_process_that_dies_is_told(monkeypatch):
    monkeypatch.setattr(onnx_probe.sys, "executable", "/bin/false")
    with pytest.raises(TextError, match="ended the process"):
        probe_apart(mean_of_words())


def test_a_table_that_does_not_fit_is_found_before_anything_is_read():
    def shorter(model):
        model.graph.initializer[0].dims[0] = 1000

    with pytest.raises(TextError, match="contradicts itself"):
        open_own_model(reshaped(mean_of_words(), shorter))
