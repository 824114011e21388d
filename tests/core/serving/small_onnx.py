"""Small ONNX files, harmless and hostile, as a visitor might bring them."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


def saved(nodes, inputs, outputs, tables=(), *, opsets=(("", OPSET),)):
    """Return the bytes of a graph; inputs and outputs are (name, type, shape)."""
    graph = helper.make_graph(
        list(nodes),
        "graph",
        [helper.make_tensor_value_info(*each) for each in inputs],
        [helper.make_tensor_value_info(*each) for each in outputs],
        [numpy_helper.from_array(values, name) for name, values in tables],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid(*each) for each in opsets])
    model.ir_version = 8
    return model.SerializeToString()


def mean_of_words(
    *, shape=("batch", "words"), ids=TensorProto.INT64, known=30, width=4, classes=2, name="ids"
):
    """Return a bag of words: the mean of its embedded ids, and a linear layer."""
    draw = np.random.default_rng(0)
    table = draw.standard_normal((known, width)).astype(np.float32)
    head = draw.standard_normal((width, classes)).astype(np.float32)
    return saved(
        [
            helper.make_node("Gather", ["table", name], ["features"]),
            helper.make_node("ReduceMean", ["features"], ["mean"], axes=[1], keepdims=0),
            helper.make_node("MatMul", ["mean", "head"], ["logits"]),
        ],
        [(name, ids, list(shape))],
        [("logits", TensorProto.FLOAT, ["batch", classes])],
        [("table", table), ("head", head)],
    )


def one_operator(kind, *, inputs=None, domain="", type_=TensorProto.FLOAT, **attributes):
    """Return a graph of one operator on floats (batch, 3)."""
    given = [("x", type_, ["batch", 3])] if inputs is None else inputs
    node = helper.make_node(kind, [each[0] for each in given], ["y"], domain=domain, **attributes)
    opsets = [("", OPSET)] + ([(domain, 1)] if domain else [])
    return saved([node], given, [("y", type_, ["batch", 3])], opsets=opsets)


def reshaped(file, change):
    """Return the file after `change` was done to its model."""
    model = onnx.load_model_from_string(file)
    change(model)
    return model.SerializeToString()
