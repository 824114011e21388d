"""The length lab's training: models of all seeds side by side, and their scores at all lengths."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

import numpy as np
import torch
from torch import nn

from core.data.batch import Batch
from core.data.length_task import LengthTask, Read, score_lengths
from core.labs.length_config import LengthConfig
from core.labs.length_scores import Scores
from core.models.build import build_model
from core.models.catalogue import find_spec
from core.training.clipping import Clipper
from core.training.learner import Learner, build_optimizer
from core.training.length_loop import LengthPupil
from core.training.lessons import endless_batches
from core.training.pair_loop import core_threads, cores

LAYERS = {"transformer": 2}
RATES = {"transformer": 0.4}
"""A model's share of the run's learning rate, 1 for the others."""
TESTED = 700_000
"""The seed of the sequences on which a run's first seed is tested."""


def build_length_model(name: str, config: LengthConfig, task: LengthTask, seed: int) -> nn.Module:
    """Return the catalogue's model `name` on the CPU.

    Its table of positions, if any, ends at twice the longest trained length.
    """
    spec = find_spec(name)
    return build_model(
        spec,
        input_size=task.input_size,
        output_size=task.output_size,
        vocabulary_size=task.vocabulary_size,
        hidden=config.hidden,
        layers=LAYERS.get(spec.cell, 1),
        forget_bias=config.forget_bias,
        horizon=config.longest,
        seed=seed,
    )


def build_length_pupils(
    config: LengthConfig, task: LengthTask, device: torch.device
) -> list[LengthPupil]:
    """Return a pupil for each model and seed of the config; the losses of each first are told."""
    pupils = []
    for name in config.trained_models:
        for seed in seeds_of(config):
            model = build_length_model(name, config, task, seed).to(device)
            generator = torch.Generator().manual_seed(seed)
            batches = endless_batches(task, config.batch_size, generator)
            pupil = new_pupil(name, model, task, batches, device, updates=config.updates)
            pupil.is_shown = seed == config.seed
            pupils.append(pupil)
    return pupils


def seeds_of(config: LengthConfig) -> range:
    """Return the seeds of a run."""
    return range(config.seed, config.seed + config.seeds)


def new_pupil(
    name: str,
    model: nn.Module,
    task: LengthTask,
    batches: Iterator[Batch],
    device: torch.device,
    *,
    updates: int | None,
) -> LengthPupil:
    """Return a pupil with an optimizer that has seen nothing yet; `name` is the catalogue's."""
    rate = RATES.get(find_spec(name).cell, 1.0)
    learner = Learner(
        name=name,
        model=model,
        optimizer=build_optimizer("adam", model, 0.0, fused=device.type != "mps"),
        clipper=Clipper("norm"),
    )
    return LengthPupil(learner=learner, judge=task, batches=batches, updates=updates, rate=rate)


def score_all(
    reads: Sequence[Read],
    task: LengthTask,
    lengths: Sequence[int],
    *,
    sequences: int,
    device: torch.device,
    one_pass: bool = True,
) -> Scores:
    """Return the scores of one reader a seed, (seeds, lengths, sequences).

    Each seed has sequences of its own, the same in every call, so that what differs between seeds
    is all that chance does. See `core.data.length_task.score_lengths` for `one_pass`.
    """

    def score(read: Read, seed: int) -> Scores:
        return score_lengths(
            task,
            read,
            lengths,
            sequences=sequences,
            device=device,
            seed=seed,
            one_pass=one_pass,
        )

    workers = min(len(reads), cores()) if device.type == "cpu" else 1
    with core_threads(workers) as pool:
        return np.stack(list(pool.map(score, reads, count(TESTED))))


def models_of(pupils: Iterable[LengthPupil], name: str) -> list[nn.Module]:
    """Return the models called `name`, one a seed."""
    return [pupil.learner.model for pupil in pupils if pupil.learner.name == name]
