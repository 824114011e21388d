"""What answers propose to make a model smaller or faster, by name. No torch here."""

from dataclasses import dataclass
from typing import Literal

from core.errors import ConfigError

VariantKind = Literal["runtime", "precision", "training"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One entry of the catalogue.

    Attributes:
        kind: the same weights in another runtime or another precision, or another model trained.
        classifier: the catalogue's classifier that a "training" variant trains, empty elsewhere.
        hidden: its width as a share of the served model's.
    """

    name: str
    label: str
    kind: VariantKind
    about: str
    classifier: str = ""
    hidden: float = 1.0


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant(
            name="ort-fp32",
            label="ONNX Runtime",
            kind="runtime",
            about="The same weights, run by ONNX Runtime.",
        ),
        Variant(
            name="ort-int8",
            label="ONNX Runtime, INT8",
            kind="precision",
            about="All weights as 8-bit integers, the embedding too, run by ONNX Runtime.",
        ),
        Variant(
            name="torch-int8",
            label="PyTorch dynamic INT8",
            kind="precision",
            about="torch.ao.quantization.quantize_dynamic; the embedding stays as it is.",
        ),
        Variant(
            name="bf16",
            label="bfloat16",
            kind="precision",
            about="The same weights and products with 8 bits of mantissa.",
        ),
        Variant(
            name="distilled",
            label="Distilled, 1/8 wide",
            kind="training",
            about="A small LSTM learns the answers of the served one as well as the labels.",
            classifier="lstm",
            hidden=0.125,
        ),
        Variant(
            name="scratch",
            label="Same student, no teacher",
            kind="training",
            about="The control of distillation: the small LSTM learns the labels alone.",
            classifier="lstm",
            hidden=0.125,
        ),
        Variant(
            name="half-lstm",
            label="LSTM, half as wide",
            kind="training",
            about="Half of the embedding and of the hidden units, trained from nothing.",
            classifier="lstm",
            hidden=0.5,
        ),
        Variant(
            name="cnn",
            label="CNN",
            kind="training",
            about="Kernels of 3, 4 and 5 words in place of the LSTM, trained from nothing.",
            classifier="cnn",
        ),
        Variant(
            name="transformer",
            label="Transformer",
            kind="training",
            about="A Transformer in place of the LSTM, trained from nothing.",
            classifier="transformer",
        ),
    )
}


def find_variant(name: str) -> Variant:
    """Return the catalogue entry `name`.

    Raises:
        ConfigError: there is no such entry; the message lists those there are.
    """
    if name not in VARIANTS:
        raise ConfigError(f"There is no variant '{name}'; choose from {', '.join(VARIANTS)}.")
    return VARIANTS[name]
