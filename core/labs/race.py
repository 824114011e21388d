"""The gradient-flow lab's training: several models on the same batches, side by side."""

from collections.abc import Iterator

import torch

from core.data.batch import SequenceTask
from core.labs.config import GradientFlowConfig
from core.models.build import build_model
from core.models.catalogue import find_spec
from core.training.clipping import Clipper
from core.training.dials import Dials
from core.training.events import Event
from core.training.learner import Learner, build_optimizer
from core.training.loop import train


def build_racers(
    config: GradientFlowConfig, task: SequenceTask, device: torch.device
) -> list[Learner]:
    """Return one learner a model of the config; a model's weights do not depend on the others."""
    racers = []
    for name in config.models:
        model = build_model(
            find_spec(name),
            input_size=task.input_size,
            output_size=task.output_size,
            vocabulary_size=task.vocabulary_size,
            hidden=config.hidden,
            layers=config.layers,
            bidirectional=config.bidirectional,
            forget_bias=config.forget_bias,
            horizon=config.lag,
            seed=config.seed,
        ).to(device)
        racers.append(
            Learner(
                name=name,
                model=model,
                optimizer=build_optimizer(config.optimizer, model, config.learning_rate),
                clipper=Clipper("norm"),
            )
        )
    return racers


def train_racers(
    config: GradientFlowConfig,
    task: SequenceTask,
    racers: list[Learner],
    *,
    dials: Dials,
    device: torch.device,
) -> Iterator[Event]:
    """Train all racers on the same batches; yield the loop's events."""
    return train(
        racers,
        task,
        updates=config.updates,
        batch_size=config.batch_size,
        seed=config.seed,
        device=device,
        dials=dials,
        thresholds=dict.fromkeys(config.models, "clip"),
    )
