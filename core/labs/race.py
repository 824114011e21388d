"""The gradient-flow lab's training: several models on the same batches, side by side."""

from collections.abc import Iterator

import torch

from core.data.batch import SequenceTask
from core.labs.config import GradientFlowConfig
from core.labs.model import build_lab_model
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
        model = build_lab_model(name, config, task).to(device)
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
