"""Whether a visitor's file is an ONNX model that may be run here. Nothing in it is unpickled.

A file is a graph of named operators and their numbers. What could reach beyond it is refused:
numbers in other files, operators from a library of its own.
"""

from collections.abc import Iterator
from typing import Any

from core.errors import TextError

MOST_BYTES = 50_000_000
DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")
"""Whose operators ONNX Runtime has built in; the first two are the same."""
BEYOND = ("EPContext", "PythonOp", "PythonOpGrad", "PyOp", "PyCustomOp")
"""Operators of these domains that read files or run code of others."""
_NAME_SHOWN = 40
_STARTS = (
    (
        b"PK\x03\x04",
        "a zip archive; PyTorch's own files (.pt, .pth, TorchScript) are such archives",
    ),
    (b"\x80\x02", "a Python pickle, as PyTorch and scikit-learn save models"),
    (b"\x80\x03", "a Python pickle, as PyTorch and scikit-learn save models"),
    (b"\x80\x04", "a Python pickle, as PyTorch and scikit-learn save models"),
    (b"\x80\x05", "a Python pickle, as PyTorch and scikit-learn save models"),
    (b"\x89HDF", "an HDF5 file, as Keras saves models"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF"),
    (b"version https://git-lfs", "a pointer of Git LFS; the model itself was not downloaded"),
)


def read_onnx(file: bytes) -> Any:
    """Return the checked model of a file, an `onnx.ModelProto`.

    Raises:
        TextError: it is empty, too large, of another kind, cut off, not valid, or wants something
            from outside of it.
    """
    check_bytes(file)
    model = _parsed(file)
    _check_inside(model)
    _check_valid(model)
    return model


def check_bytes(file: bytes) -> None:
    """Refuse what by its length or its first bytes is no ONNX file; a page asks before a run.

    Raises:
        TextError: it is empty, too large, or plainly of another kind.
    """
    if not file:
        raise TextError("The file is empty. Upload a model in the ONNX format.")
    if len(file) > MOST_BYTES:
        raise TextError(
            f"The file has {len(file) / 1e6:.1f} MB; up to {MOST_BYTES / 1e6:.0f} MB are read. "
            "Export a smaller model, or one with 8-bit weights."
        )
    for start, kind in _STARTS:
        if file.startswith(start):
            raise TextError(
                f"The file is {kind}, not ONNX, and was not opened. Export the model with "
                "torch.onnx.export, tf2onnx or skl2onnx and upload the .onnx file."
            )
    if file[4:8] == b"ORTM":
        raise TextError(
            "The file is in ONNX Runtime's own .ort format. Upload the .onnx file it came from."
        )


def _parsed(file: bytes) -> Any:
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        model = onnx.load_model_from_string(file)
    except (DecodeError, RuntimeError, ValueError):
        raise TextError(
            f"The file cannot be read as ONNX: it is another format, or only a part of its "
            f"{len(file):,} bytes arrived. Export the model again and upload all of it."
        ) from None
    if not model.ir_version or not model.graph.node:
        raise TextError(
            "The file holds no ONNX model: there is no operator in it. Export a model with "
            "torch.onnx.export, tf2onnx or skl2onnx."
        )
    return model


def _check_inside(model: Any) -> None:
    """Refuse what leads out of the file."""
    if model.functions:
        raise TextError(
            "The model defines functions of its own. Inline them first, with "
            "onnx.inliner.inline_local_functions, and upload the result."
        )
    for node in _nodes(model.graph):
        if node.domain not in DOMAINS or node.op_type in BEYOND:
            raise TextError(
                f"The model uses the operator {_shown(node.op_type)} of {_shown(node.domain)}, "
                "which runs code from outside of the file. Only operators of ai.onnx, "
                "ai.onnx.ml and com.microsoft are run."
            )
    for tensor in _tensors(model.graph):
        if tensor.data_location or tensor.external_data:
            raise TextError(
                "The model keeps its weights in another file. Save it as one file, with "
                "onnx.save(model, path, save_as_external_data=False)."
            )


def _check_valid(model: Any) -> None:
    import onnx

    try:
        onnx.checker.check_model(model)
    except (onnx.checker.ValidationError, RuntimeError, ValueError) as error:
        reasons = {
            "No Op": "it has an operator that its version of ONNX does not have",
            "ir_version": "its version of ONNX is not known here",
        }
        found = (reason for sign, reason in reasons.items() if sign in str(error))
        raise TextError(
            f"The file is ONNX, but not valid: {next(found, 'its graph contradicts itself')}. "
            "Check it with onnx.checker.check_model, and export it again, for opset 17 or so."
        ) from None


def _graphs(graph: Any) -> Iterator[Any]:
    """Yield a graph and those within its loops and branches."""
    waiting = [graph]
    while waiting:
        each = waiting.pop()
        yield each
        for node in each.node:
            for attribute in node.attribute:
                waiting += [attribute.g] if attribute.HasField("g") else []
                waiting += attribute.graphs


def _nodes(graph: Any) -> Iterator[Any]:
    for each in _graphs(graph):
        yield from each.node


def _tensors(graph: Any) -> Iterator[Any]:
    """Yield every tensor that the file holds or says where to find."""
    for each in _graphs(graph):
        yield from each.initializer
        sparse = list(each.sparse_initializer)
        for node in each.node:
            for attribute in node.attribute:
                yield from [attribute.t] if attribute.HasField("t") else []
                yield from attribute.tensors
                sparse += [attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else []
                sparse += attribute.sparse_tensors
        for two in sparse:
            yield from (two.values, two.indices)


def _shown(name: str) -> str:
    """Return a name from a file so that it can stand in a sentence."""
    plain = "".join(each for each in name[:_NAME_SHOWN] if each.isalnum() or each in "._-")
    return f"'{plain}'"
