"""Small translation models for the claims, trained once a process and seed."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import torch

from core.diagnostics.forced_reading import Sample, make_sample
from core.labs.pair_material import PairMaterial, build_pair_material
from core.labs.translation_config import TranslationConfig
from core.labs.translation_race import build_pupils, own_updates, train_translators
from core.labs.translation_scores import Examiner, references, score
from core.metrics.bleu import BucketScore
from core.metrics.paired import Difference, compare_systems
from core.models.translator import Translator
from core.models.translators import find_translator
from core.training.dials import Dials
from core.training.pair_loop import core_threads, cores

CPU = torch.device("cpu")

SHORT = TranslationConfig(
    models=("plain",),
    shortest=4,
    longest=20,
    buckets=(6, 10, 20, 50, 100),
    pairs=4000,
    test_pairs=64,
    final_pairs=64,
    updates=130,
    learning_rate=5e-3,
    sampling=0.5,
    device="cpu",
)
"""Short sentences, so that a plain encoder-decoder learns the shortest in seconds."""

_building = threading.Lock()
"""Weights are drawn from torch's one generator: one model at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A model after its training, and what it made of the test pairs."""

    config: TranslationConfig
    material: PairMaterial
    model: Translator
    hypotheses: list[list[str]]
    scores: dict[int, BucketScore]

    @property
    def label(self) -> str:
        """What the model is called in a sentence: "plain"."""
        return find_translator(self.config.models[0]).label.lower()

    def bleu(self, bucket: int) -> float:
        """Return the corpus BLEU of a bucket, 0 to 100."""
        return self.scores[bucket].bleu or 0.0

    def kept(self, short: int, long: int) -> float:
        """Return the share of its BLEU at `short` words that is left at `long`."""
        return self.bleu(long) / max(self.bleu(short), 1e-9)

    def curve(self, buckets: tuple[int, ...]) -> str:
        """Return the BLEU of some buckets as people write them: "88, 42, 19"."""
        return ", ".join(f"{self.bleu(bucket):.0f}" for bucket in buckets)

    def sample(self, bucket: int) -> Sample:
        """Return the test pairs of a bucket."""
        words = self.material
        pairs = words.corpus.test[bucket][: self.config.final_pairs]
        return make_sample(bucket, pairs, words.source_vocabulary, words.target_vocabulary)


def trained(name: str, config: TranslationConfig, seed: int) -> Trained:
    """Return the catalogue's model `name`, trained; a process keeps the last few."""
    return _trained(replace(config, models=(name,), seed=seed))


def trained_at_once(names: Sequence[str], config: TranslationConfig, seed: int) -> list[Trained]:
    """Return several models, trained as many at once as there are cores.

    They are what they would be if each had learned alone.
    """
    once = list(dict.fromkeys(names))
    with core_threads(min(len(once), cores())) as pool:
        found = pool.map(lambda name: trained(name, config, seed), once)
        by_name = dict(zip(once, found, strict=True))
    return [by_name[name] for name in names]


@lru_cache(maxsize=8)
def _trained(config: TranslationConfig) -> Trained:
    with _building:
        material = build_pair_material(config)
        pupils = build_pupils(config, material, own_updates(config), CPU)
    for _ in train_translators(config, material, pupils, dials=Dials(**config.dials()), device=CPU):
        pass
    model, spec = pupils[0].model, find_translator(config.models[0])
    found = Examiner(config, material, CPU).translate(spec, model, count=config.final_pairs)
    rows = score(found, material, config.final_pairs).buckets
    return Trained(
        config, material, model, found.hypotheses, {row.bucket or 0: row for row in rows if row.n}
    )


def differences(ours: Trained, theirs: Trained) -> dict[int, Difference]:
    """Return by how much our BLEU is higher, by bucket, on the same sentences."""
    wanted = references(ours.material, ours.config.final_pairs)
    compared = compare_systems(
        ours.hypotheses, theirs.hypotheses, wanted, ours.material.corpus.buckets
    )
    return {row.bucket or 0: row for row in compared.buckets if row.n > 1}
