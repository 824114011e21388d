"""The served model made smaller or faster without another training: each as something to call.

Whether it is faster, and what it answers otherwise, is measured, not taken from here.
Legend: B batch, T time, C classes.
"""

import copy
import io
import warnings
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.device import fast_precision, wait_for
from core.models.text_classifier import TextClassifier
from core.serving.equal_texts import EqualTexts, LogitsOf
from core.serving.onnx_files import MEGABYTE, OnnxClassifier, export_onnx, quantize_onnx
from core.serving.variants_catalogue import find_variant

SERVED = "served"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShrunkModel:
    """A model as it would be served.

    Attributes:
        megabytes: of its file, a million bytes each; the list of words is not in it.
        answer: from ids (B, T), each text of T words, to logits (B, C) on the CPU; it returns when
            they are there.
        parameters: how many numbers it has, whatever their precision.
        note: what is to be known of it, empty if nothing.
    """

    name: str
    label: str
    megabytes: float
    answer: LogitsOf
    parameters: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMade:
    """A variant that this machine or this model does not allow, and why, in a sentence."""

    name: str
    label: str
    note: str


class TorchAnswer:
    """A classifier run by PyTorch: called with ids (B, T), it returns logits (B, C) on the CPU.

    In the precision of its weights; dropout is off.
    """

    def __init__(self, classifier: TextClassifier) -> None:
        self.model = EqualTexts(classifier).eval()
        weight = classifier.embedding.weight
        self.device, self.is_half = weight.device, weight.dtype is torch.bfloat16

    @torch.inference_mode()
    def __call__(self, words_BT: Tensor) -> Tensor:
        """Return the logits of texts that all have T words."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.is_half):
            logits_BC = self.model(words_BT.to(self.device)).float().cpu()
        wait_for(self.device)
        return logits_BC  # type: ignore[no-any-return]


def torch_model(
    classifier: TextClassifier, *, name: str = SERVED, label: str = "As served", note: str = ""
) -> ShrunkModel:
    """Return a classifier as PyTorch serves it, on the device where it is."""
    return ShrunkModel(
        name=name,
        label=label,
        megabytes=file_megabytes(classifier),
        answer=TorchAnswer(classifier),
        parameters=count_parameters(classifier),
        note=note,
    )


def convert(name: str, classifier: TextClassifier, *, threads: int = 1) -> ShrunkModel | NotMade:
    """Return the catalogue's variant `name`, a "runtime" or a "precision", of a classifier.

    The classifier is left as it is. ONNX Runtime and torch's INT8 are on the CPU whatever its
    device.

    Raises:
        ConfigError: there is no such variant.
    """
    variant = find_variant(name)
    assert variant.kind != "training", f"{name} has to be trained"
    try:
        match name:
            case "ort-fp32" | "ort-int8":
                return _in_onnx_runtime(name, variant.label, classifier, threads)
            case "torch-int8":
                return _in_torch_int8(variant.label, classifier)
            case _:
                return _in_bfloat16(variant.label, classifier)
    except (RuntimeError, NotImplementedError, AttributeError, TypeError, ImportError) as error:
        note = f"It cannot be made here: {type(error).__name__} while it was converted."
        return NotMade(name=name, label=variant.label, note=note)


def file_megabytes(model: nn.Module) -> float:
    """Return how large a file of the model's weights is, in megabytes of a million bytes."""
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    return len(file.getbuffer()) / MEGABYTE


def count_parameters(model: nn.Module) -> int:
    """Return how many numbers a model has learned."""
    return sum(parameter.numel() for parameter in model.parameters())


def _in_onnx_runtime(
    name: str, label: str, classifier: TextClassifier, threads: int
) -> ShrunkModel:
    file = export_onnx(classifier)
    if name == "ort-int8":
        file = quantize_onnx(file)
    return ShrunkModel(
        name=name,
        label=label,
        megabytes=len(file) / MEGABYTE,
        answer=OnnxClassifier(file, threads=threads),
        parameters=count_parameters(classifier),
    )


def _in_torch_int8(label: str, classifier: TextClassifier) -> ShrunkModel | NotMade:
    """Quantize what torch's own dynamic quantization has in 8 bits: recurrent and linear layers."""
    name = "torch-int8"
    quantization = getattr(torch.ao, "quantization", None)
    if not hasattr(quantization, "quantize_dynamic"):
        note = f"torch {torch.__version__} has no dynamic quantization any more."
        return NotMade(name=name, label=label, note=note)
    kinds = {nn.LSTM, nn.GRU, nn.Linear}
    with warnings.catch_warnings():  # it says that it is to be removed
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", UserWarning)
        smaller = torch.ao.quantization.quantize_dynamic(  # type: ignore[no-untyped-call]
            copy.deepcopy(classifier).cpu().eval(), kinds, dtype=torch.qint8
        )
        _try(TorchAnswer(smaller))
        return ShrunkModel(
            name=name,
            label=label,
            megabytes=file_megabytes(smaller),
            answer=TorchAnswer(smaller),
            parameters=count_parameters(classifier),
        )


def _in_bfloat16(label: str, classifier: TextClassifier) -> ShrunkModel:
    half = copy.deepcopy(classifier).to(torch.bfloat16)
    for module in half.modules():
        if isinstance(module, nn.LayerNorm):
            module.float()  # a mean over many numbers needs its digits
    _try(TorchAnswer(half))
    device = classifier.embedding.weight.device
    is_slow = device.type == "cpu" and fast_precision(device) is not torch.bfloat16
    note = "This CPU has no bfloat16 instructions: it converts every number." if is_slow else ""
    return torch_model(half, name="bf16", label=label, note=note)


def _try(answer: TorchAnswer) -> None:
    """Raise what a first answer raises: some layers convert, and then do not run."""
    answer(torch.ones(2, 8, dtype=torch.long))
