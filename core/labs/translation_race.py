"""The translation lab's training: which models learn, for how long, on which pairs."""

from collections.abc import Iterator, Mapping, Sequence

import torch

from core.data.pair_task import PairTask
from core.labs.pair_material import PairMaterial
from core.labs.translation_config import TranslationConfig
from core.models.build_translator import build_translator
from core.models.translator import Translator
from core.models.translators import find_translator
from core.training.clipping import Clipper
from core.training.dials import Dials
from core.training.events import Event
from core.training.learner import Learner, build_optimizer
from core.training.pair_loop import Pupil, train_pairs

LEAST_UPDATES = 10
SPARE_POSITIONS = 16


def build_lab_translator(
    name: str, config: TranslationConfig, material: PairMaterial
) -> Translator:
    """Return the catalogue's model `name` on the CPU, sized and seeded by `config`."""
    spec = find_translator(name)
    longest = max(config.longest, config.buckets[-1])
    return build_translator(
        spec,
        source_size=material.source_vocabulary.size,
        target_size=material.target_vocabulary.size,
        hidden=2 * max(1, round(config.hidden * spec.width / 2)),
        layers=config.layers,
        segment=config.segment,
        longest=2 * longest + SPARE_POSITIONS,
        seed=config.seed,
    )


def build_pupils(
    config: TranslationConfig,
    material: PairMaterial,
    updates: Mapping[str, int],
    device: torch.device,
) -> list[Pupil]:
    """Return one pupil for each model of `updates`: how many updates it will get, by name."""
    pupils = []
    for name, count in updates.items():
        model = build_lab_translator(name, config, material).to(device)
        learner = Learner(
            name=name,
            model=model,
            optimizer=build_optimizer("adam", model, config.learning_rate),
            clipper=Clipper("norm"),
        )
        pupils.append(
            Pupil(
                spec=find_translator(name),
                model=model,
                learner=learner,
                updates=count,
                sampling=config.sampling,
                generator=torch.Generator().manual_seed(config.seed),
            )
        )
    return pupils


def trained_models(config: TranslationConfig) -> list[str]:
    """Return the models that are trained: those that decode with another's weights are not."""
    return [name for name in config.models if not find_translator(name).pieces_of]


def own_updates(config: TranslationConfig) -> dict[str, int]:
    """Return how many updates each model gets: as many as it needs, or all the same."""
    factors = {name: find_translator(name).updates for name in trained_models(config)}
    if config.schedule != "own":
        factors = dict.fromkeys(factors, 1.0)
    return {name: max(1, round(config.updates * factor)) for name, factor in factors.items()}


def equal_seconds(pupils: Sequence[Pupil], updates: int) -> dict[str, int]:
    """Return how many updates each model makes in the seconds that the reference takes.

    The reference is the model with attention, else the first; `pupils` have just been timed. One
    that was too quick for the clock gets `updates`.
    """
    pace = {p.spec.name: p.seconds / max(1, p.done) for p in pupils}
    reference = pace.get("attention", next(iter(pace.values())))
    return {
        name: max(LEAST_UPDATES, round(updates * reference / seconds)) if seconds else updates
        for name, seconds in pace.items()
    }


def train_translators(
    config: TranslationConfig,
    material: PairMaterial,
    pupils: Sequence[Pupil],
    *,
    dials: Dials,
    device: torch.device,
    first_round: int = 0,
    all_rounds: int = 0,
) -> Iterator[Event]:
    """Train the pupils side by side; yield the loop's events."""
    task = PairTask(material.corpus.train, material.source_vocabulary, material.target_vocabulary)
    return train_pairs(
        pupils,
        task,
        batch_size=config.batch_size,
        seed=config.seed,
        device=device,
        dials=dials,
        first_round=first_round,
        all_rounds=all_rounds,
    )
