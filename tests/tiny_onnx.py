"""A tiny ONNX file, as a visitor might bring one."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

KNOWN, WIDTH, CLASSES = 30, 4, 2


def mean_of_ids(shape=("batch", "words")):
    """Return a bag of words as a file: the mean of its embedded ids, and a linear layer."""
    draw = np.random.default_rng(0)
    tables = {
        "table": draw.standard_normal((KNOWN, WIDTH)),
        "head": draw.standard_normal((WIDTH, CLASSES)),
    }
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "ids"], ["features"]),
            helper.make_node("ReduceMean", ["features"], ["mean"], axes=[1], keepdims=0),
            helper.make_node("MatMul", ["mean", "head"], ["logits"]),
        ],
        "bag",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, list(shape))],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", CLASSES])],
        [numpy_helper.from_array(v.astype(np.float32), name) for name, v in tables.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model.SerializeToString()
