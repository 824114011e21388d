"""The model that a lab's config asks for, fitted to its task."""

from torch import nn

from core.data.batch import SequenceTask
from core.labs.config import ClippingConfig, GradientFlowConfig
from core.models.build import build_model
from core.models.catalogue import find_spec


def build_lab_model(
    name: str, config: GradientFlowConfig | ClippingConfig, task: SequenceTask
) -> nn.Module:
    """Return the catalogue's model `name` on the CPU, as `config` and `task` size and seed it."""
    return build_model(
        find_spec(name),
        input_size=task.input_size,
        output_size=task.output_size,
        vocabulary_size=task.vocabulary_size,
        hidden=config.hidden,
        layers=config.layers,
        bidirectional=config.bidirectional,
        forget_bias=config.forget_bias,
        horizon=config.horizon,
        seed=config.seed,
    )
