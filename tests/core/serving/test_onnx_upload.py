import io
import pickle
import zipfile

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from small_onnx import mean_of_words, one_operator, reshaped, saved

from core.errors import TextError
from core.serving.onnx_upload import MOST_BYTES, read_onnx

GOOD = mean_of_words()


class Trap:
    """Fails the test when it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("it was unpickled",))


def archive():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as folder:
        folder.writestr("model/data.pkl", pickle.dumps(Trap()))
    return file.getvalue()


def torch_file():
    file = io.BytesIO()
    torch.save({"weights": torch.ones(2)}, file)
    return file.getvalue()


def external(model):
    table = model.graph.initializer[0]
    table.ClearField("raw_data")
    table.data_location = TensorProto.EXTERNAL
    table.external_data.add(key="location", value="../../etc/passwd")


def in_a_branch(node):
    """Return a graph whose `If` holds the node in one of its branches."""
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 3])
    inner = helper.make_graph([node], "inner", [], [out])
    other = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "other", [], [out])
    branch = helper.make_node("If", ["yes"], ["y"], then_branch=other, else_branch=inner)
    return saved(
        [branch],
        [("x", TensorProto.FLOAT, ["batch", 3])],
        [("y", TensorProto.FLOAT, ["batch", 3])],
        [("yes", np.array(True))],
    )


def hidden_external():
    value = onnx.TensorProto(data_type=TensorProto.FLOAT, dims=[1, 3])
    value.data_location = TensorProto.EXTERNAL
    value.external_data.add(key="location", value="/etc/passwd")
    return in_a_branch(helper.make_node("Constant", [], ["y"], value=value))


def test_a_model_is_read():
    assert [node.op_type for node in read_onnx(GOOD).graph.node] == [
        "Gather",
        "ReduceMean",
        "MatMul",
    ]


def test_operators_of_onnx_runtime_are_let_in():
    read_onnx(one_operator("Gelu", domain="com.microsoft"))


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (b"", "is empty"),
        (bytes(MOST_BYTES + 1), "up to 50 MB"),
        (pickle.dumps(Trap()), "Python pickle"),
        (pickle.dumps(Trap(), 2), "Python pickle"),
        (pickle.dumps(Trap(), 0), "cannot be read as ONNX"),
        (archive(), "zip archive"),
        (torch_file(), "zip archive"),
        (b"\x00\x00\x00\x00ORTM" + bytes(90), r"own \.ort format"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
        (b"<!DOCTYPE html>", "cannot be read as ONNX"),
        (bytes(1000), "cannot be read as ONNX"),
        (np.random.default_rng(0).bytes(1000), "cannot be read as ONNX"),
        (GOOD[:-1], "only a part of its"),
        (GOOD[: len(GOOD) // 2], "only a part of its"),
        (onnx.ModelProto(ir_version=8).SerializeToString(), "no operator"),
    ],
)
def test_what_is_no_onnx_model_is_refused_without_being_opened(file, says):
    with pytest.raises(TextError, match=says):
        read_onnx(file)


@pytest.mark.parametrize("at", range(0, len(GOOD), 37))
def test_a_file_that_is_cut_anywhere_is_refused(at):
    with pytest.raises(TextError):
        read_onnx(GOOD[:at])


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (one_operator("Mine", domain="my.ops"), "'Mine' of 'my.ops', which runs code from outside"),
        (one_operator("EPContext", domain="com.microsoft"), "'EPContext' of 'com.microsoft'"),
        (one_operator("<b>" + "x" * 99, domain="a b"), "operator 'b" + "x" * 37 + "' of 'ab'"),
        (in_a_branch(helper.make_node("Mine", ["x"], ["y"], domain="my.ops")), "'Mine'"),
        (reshaped(GOOD, external), "in another file"),
        (hidden_external(), "in another file"),
        (reshaped(GOOD, lambda model: model.functions.add(name="F", domain="f")), "functions"),
    ],
)
def test_what_leads_out_of_the_file_is_refused(file, says):
    with pytest.raises(TextError, match=says):
        read_onnx(file)


def unknown_version(model):
    model.ir_version = 99


def too_large(model):
    model.graph.initializer[0].dims[0] = 10**9


def dangling(model):
    model.graph.node[0].input[1] = "nowhere"


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (one_operator("Nonsense"), "an operator that its version"),
        (reshaped(GOOD, unknown_version), "version of ONNX is not known"),
        (reshaped(GOOD, too_large), "contradicts itself"),
        (reshaped(GOOD, dangling), "contradicts itself"),
    ],
)
def test_what_is_not_valid_is_refused(file, says):
    with pytest.raises(TextError, match=says):
        read_onnx(file)
