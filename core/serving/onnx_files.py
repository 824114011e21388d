"""Models as ONNX files: written from a classifier, shrunk to 8 bits, run by ONNX Runtime.

Nothing here is unpickled: an ONNX file is a graph of named operators and their numbers.
Legend: B batch, T time, C classes.
"""

import io
import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.device import choose_device
from core.models.text_classifier import TextClassifier
from core.serving.equal_texts import EqualTexts
from core.serving.onnx_session import open_session

OPSET = 17
IDS = "ids"
LOGITS = "logits"
MEGABYTE = 1e6
_TRACED_WORDS = 7  # of the text that the graph is written from; it reads any number
_QUANTIZED = ("LSTM", "Gather", "MatMul", "Conv")


def export_onnx(classifier: TextClassifier) -> bytes:
    """Return a classifier as an ONNX file, its weights within.

    One input `ids`, (B, T) int64, B and T as one likes, all of T being words; one output `logits`,
    (B, C). Dropout is off. The classifier is left as it was.
    """
    device = classifier.embedding.weight.device
    was_training = classifier.training
    file = io.BytesIO()
    words_BT = torch.ones(1, _TRACED_WORDS, dtype=torch.long)
    try:
        with _exporting(), torch.no_grad():
            torch.onnx.export(
                EqualTexts(classifier.to(choose_device("cpu"))).eval(),
                (words_BT,),
                file,  # type: ignore[arg-type]  # a file in memory will do
                dynamo=False,  # the newer exporter needs a package of its own
                opset_version=OPSET,
                input_names=[IDS],
                output_names=[LOGITS],
                dynamic_axes={IDS: {0: "batch", 1: "words"}, LOGITS: {0: "batch"}},
            )
    finally:
        classifier.to(device).train(was_training)
    return file.getvalue()


def quantize_onnx(file: bytes) -> bytes:
    """Return the same graph with its weights as 8-bit integers, those of an embedding too.

    Each matrix has a scale of its own; what flows between them is quantized as it comes, in every
    call ("dynamic"). Operators that ONNX Runtime has in no such form (a GRU, a plain RNN) stay in
    32 bits.

    Source: https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
    """
    smaller = _quantized(file, _QUANTIZED)
    try:
        open_session(smaller)
    except Exception:  # some machines have no 8-bit convolution
        smaller = _quantized(file, tuple(kind for kind in _QUANTIZED if kind != "Conv"))
    return smaller


class OnnxClassifier:
    """An exported classifier in ONNX Runtime: called with ids (B, T), it returns logits (B, C)."""

    def __init__(self, file: bytes, *, threads: int = 1) -> None:
        self.session = open_session(file, threads=threads)

    def __call__(self, words_BT: Tensor) -> NDArray[np.float32]:
        """Return the logits of texts that all have T words."""
        (logits_BC,) = self.session.run(None, {IDS: words_BT.numpy()})
        return logits_BC  # type: ignore[no-any-return]


def _quantized(file: bytes, kinds: tuple[str, ...]) -> bytes:
    import onnx

    with _quiet_quantizing() as quantize_dynamic, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "smaller.onnx"
        model = onnx.load_model_from_string(file)
        quantize_dynamic(model, path, op_types_to_quantize=list(kinds))
        return path.read_bytes()


@contextmanager
def _exporting() -> Iterator[None]:
    """Say nothing of the exporter's age, nor that it follows one call: tests pin the answers."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", "Converting a tensor to a Python")
        warnings.filterwarnings("ignore", "Exporting a model to ONNX with a batch_size")
        warnings.filterwarnings("ignore", "Constant folding - ")
        yield


@contextmanager
def _quiet_quantizing() -> Iterator[Any]:
    """Give ONNX Runtime's quantizer, which advises on the root logger about other models."""
    from onnxruntime.quantization import (  # type: ignore[import-untyped]
        quantize_dynamic,
    )

    def is_news(record: logging.LogRecord) -> bool:
        return "pre-processing before quantization" not in record.getMessage()

    root, nowhere = logging.getLogger(), logging.NullHandler()
    root.addFilter(is_news)
    root.addHandler(nowhere)  # or logging would set up a handler that stays
    try:
        yield quantize_dynamic
    finally:
        root.removeHandler(nowhere)
        root.removeFilter(is_news)
